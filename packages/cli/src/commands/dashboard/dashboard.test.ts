import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromJson } from "@bufbuild/protobuf";
import { FleetLog, MosaicError, serveWatch } from "@mosaic/core";
import { systemClock } from "@mosaic/host/system-clock";
import { AgentSchema, HostStatusSchema, WatchTerminalResponseSchema } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { agentJson, hostJson } from "../../fleet/builders-for-tests.ts";
import { type MemoryIoOptions, memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";
const approvals = [{ requestId: "r1", tool: "Bash", summary: "npm test", answerable: true }];

/** A dashboard over two agents, with all it asks for on record. */
function start(options: MemoryIoOptions = { terminal: { columns: 100, rows: 12 } }, line: readonly string[] = []) {
  const log = new FleetLog({ epoch: "e1" });
  log.publish([
    { kind: "host", status: fromJson(HostStatusSchema, hostJson("alpha")) },
    { kind: "upsert", row: fromJson(AgentSchema, agentJson("alpha", "coder0", { approvals })) },
    { kind: "upsert", row: fromJson(AgentSchema, agentJson("alpha", "lead")) },
  ]);
  const asked: object[] = [];
  const answering = (reply: object) => (request: object) => {
    asked.push(request);
    return reply;
  };
  const receipt = {
    state: "DELIVERY_STATE_ACCEPTED",
    messageId: "m1",
    agent: { tenantId: "team-a", host: "alpha", name: "lead" },
  };
  const remote = memoryRemote({
    [AGGREGATOR]: {
      unary: {
        List: () => ({ hosts: [hostJson("alpha")] }),
        Send: answering({ receipt }),
        Decide: answering({ confirmed: true }),
      },
      streams: {
        watch: (request, { signal }) =>
          serveWatch(
            { log, clock: systemClock, asOfNow: <T>(status: T) => status, random: () => 0.5, conditions: () => [] },
            request,
            signal,
          ),
        async *watchTerminal(_request, { signal }) {
          yield create(WatchTerminalResponseSchema, {
            frame: { case: "screen", value: { columns: 80, rows: 2, lines: ["what it shows", "now"] } },
          });
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        },
      },
    },
  });
  const io = memoryIo(options);
  const running = runCli(["dashboard", "--all-hosts", "--no-color", ...line], io, { deps: { remote } });
  return { io, running, asked };
}

test("the fleet is shown, an agent with its screen on Enter, and q leaves the terminal as it was", async () => {
  const { io, running } = start();
  await io.stdout.shows(/› team-a {2}alpha {2}coder0/);
  io.press("j\r");
  await io.stdout.shows(/team-a\/alpha\/lead {2}working[\s\S]*its screen, live[\s\S]*what it shows/);
  io.press("q");
  io.press("q");
  assert.equal(await running, 0);
  assert.match(io.stdout.text, /\x1b\[\?1049h[\s\S]*\x1b\[\?2004l[\s\S]*\x1b\[\?1049l$/);
  assert.equal(io.isRaw, false);
});

test("a message is sent to the selected agent, and its receipt is shown", async () => {
  const { io, running, asked } = start();
  await io.stdout.shows(/coder0/);
  io.press("jshello\r");
  await io.stdout.shows(/team-a\/alpha\/lead: ACCEPTED/);
  io.press("q");
  await running;
  const [request = {}] = asked;
  assert.partialDeepStrictEqual(request, {
    agent: { tenantId: "team-a", host: "alpha", name: "lead" },
    text: "hello",
    sourceLabel: "desk:operator",
  });
});

test("a request is allowed only after it was shown", async () => {
  const { io, running, asked } = start();
  await io.stdout.shows(/coder0/);
  io.press("y");
  io.press("a");
  await io.stdout.shows(/asks leave for Bash: npm test\. y allows/);
  assert.deepEqual(asked, []);
  io.press("y");
  await io.stdout.shows(/coder0: allowed; the agent took the answer/);
  io.press("q");
  await running;
  assert.partialDeepStrictEqual(asked, [{ requestId: "r1", decision: "DECISION_ALLOW" }]);
});

test("Ctrl-C ends it from anywhere, with 130, and gives the terminal back", async () => {
  for (const end of ["key", "signal"]) {
    const { io, running } = start();
    await io.stdout.shows(/coder0/);
    io.press("s");
    if (end === "key") io.press("\x03");
    else io.interrupt(new MosaicError("CANCELLED", "interrupted"));
    assert.equal(await running, 130);
    assert.match(io.stdout.text, /\x1b\[\?1049l$/);
  }
});

test("without a terminal, or with --json, it says what to use instead", async () => {
  for (const { io, running } of [start({}), start(undefined, ["--json"])]) {
    assert.equal(await running, 2);
    assert.match(io.stderr.text + io.stdout.text, /mosaic fleet ps/);
  }
});
