import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromJson, type MessageInitShape } from "@bufbuild/protobuf";
import { aborted, FleetLog, MosaicError, serveWatch } from "@mosaic/core";
import { systemClock } from "@mosaic/host/system-clock";
import {
  AgentSchema,
  type Condition,
  ConditionSchema,
  HostStatusSchema,
  type WatchRequest,
  WatchResponseSchema,
} from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { agentJson, hostJson } from "../../fleet/builders-for-tests.ts";
import { type MemoryIoOptions, memoryIo } from "../../io/memory-io.ts";
import { type MemoryServer, memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";
const row = (name: string, more = {}) => ({
  kind: "upsert" as const,
  row: fromJson(AgentSchema, agentJson("alpha", name, more)),
});
const host = (name: string, more = {}) => ({ kind: "host" as const, status: fromJson(HostStatusSchema, hostJson(name, more)) });

/** A server with a real log behind its Watch; `cut` ends every stream that is open now. */
function server(conditions: Condition[] = []) {
  const log = new FleetLog({ epoch: "e1" });
  log.publish([host("alpha"), row("lead")]);
  const requests: WatchRequest[] = [];
  let cuts = new AbortController();
  let openStreams = 0;
  const memory: MemoryServer = {
    unary: { List: () => ({ hosts: [hostJson("alpha")] }) },
    streams: {
      async *watch(request, { signal }) {
        requests.push(request);
        openStreams += 1;
        const ends = AbortSignal.any([signal, cuts.signal]);
        try {
          const deps = { log, clock: systemClock, asOfNow: <T>(status: T) => status, random: () => 0.5 };
          yield* serveWatch({ ...deps, conditions: () => conditions }, request, ends);
        } finally {
          openStreams -= 1;
        }
      },
    },
  };
  return {
    log,
    memory,
    requests,
    get openStreams() {
      return openStreams;
    },
    cut() {
      cuts.abort();
      cuts = new AbortController();
    },
  };
}

function start(line: string, memory: MemoryServer, options: MemoryIoOptions = {}) {
  const io = memoryIo(options);
  const running = runCli(["fleet", "ps", "--all-hosts", "--watch", ...line.split(" ").filter(Boolean)], io, {
    deps: { remote: memoryRemote({ [AGGREGATOR]: memory }) },
  });
  const interrupt = () => io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  return {
    io,
    running,
    interrupt,
    told: () =>
      io.stdout.text
        .trimEnd()
        .split("\n")
        .map((each) => JSON.parse(each)),
  };
}

test("what is wrong with who answers stands above the last line of the screen", async () => {
  const fleet = server([create(ConditionSchema, { type: "MEMBERSHIP_FROZEN", message: "connection refused" })]);
  const { io, running } = start("--no-color", fleet.memory, { terminal: { columns: 120, rows: 10 } });
  await io.stdout.shows(/\r\n[^\r]*MEMBERSHIP_FROZEN: connection refused[^\r]*\r\n[^\r]*1 agent on 1 of 1 host\./);
  io.press("q");
  assert.equal(await running, 0);
});

test("--jsonl prints the fleet, says when it is whole, and then one line per change", async () => {
  const fleet = server();
  const { io, running, interrupt, told } = start("--jsonl", fleet.memory);
  await io.stdout.shows(/snapshot_end/);
  fleet.log.publish([row("coder0", { state: "AGENT_STATE_IDLE" })]);
  await io.stdout.shows(/coder0/);
  fleet.log.publish([
    { kind: "delete", key: { $typeName: "mosaic.fleet.v1.AgentKey", tenantId: "team-a", hostId: "id-alpha", name: "lead" } },
  ]);
  fleet.log.publish([
    {
      kind: "host-removed",
      key: { $typeName: "mosaic.fleet.v1.HostKey", tenantId: "team-a", hostId: "id-alpha", host: "alpha" },
    },
  ]);
  await io.stdout.shows(/host_removed/);
  interrupt();
  assert.equal(await running, 130);
  const lines = told();
  assert.deepEqual(
    lines.map((each) => each.type),
    ["host", "upsert", "snapshot_end", "upsert", "delete", "host_removed"],
  );
  assert.ok(lines.every((each) => each.schema === "mosaic.fleet.watch/1"));
  assert.deepEqual(lines[2], {
    schema: "mosaic.fleet.watch/1",
    type: "snapshot_end",
    via: "aggregator",
    host_count: 1,
    item_count: 1,
  });
  assert.deepEqual([lines[3].name, lines[3].state, lines[3].host], ["coder0", "idle", "alpha"]);
  assert.deepEqual(lines[4], {
    schema: "mosaic.fleet.watch/1",
    type: "delete",
    tenant_id: "team-a",
    host_id: "id-alpha",
    name: "lead",
  });
  assert.deepEqual(lines[5], {
    schema: "mosaic.fleet.watch/1",
    type: "host_removed",
    tenant_id: "team-a",
    host_id: "id-alpha",
    host: "alpha",
  });
  assert.equal(fleet.openStreams, 0);
});

test("a lost stream is said to be lost, and resumed where it was", async () => {
  const fleet = server();
  const { io, running, interrupt, told } = start("--jsonl", fleet.memory);
  await io.stdout.shows(/snapshot_end/);
  fleet.cut();
  await io.stdout.shows(/"type":"lost"/);
  fleet.log.publish([row("coder0")]);
  await io.stdout.shows(/coder0/);
  interrupt();
  assert.equal(await running, 130);
  assert.deepEqual(
    told().map((each) => each.type),
    ["host", "upsert", "snapshot_end", "lost", "upsert"],
  );
  assert.equal(fleet.requests[0]?.resumeToken.length, 0);
  assert.ok((fleet.requests[1]?.resumeToken.length ?? 0) > 0);
});

test("a view that does not add up is thrown away and asked for anew", async () => {
  const frame = (init: MessageInitShape<typeof WatchResponseSchema>) => create(WatchResponseSchema, init);
  let streams = 0;
  const lying: MemoryServer = {
    unary: { List: () => ({ hosts: [hostJson("alpha")] }) },
    streams: {
      async *watch(request, { signal }) {
        streams += 1;
        assert.equal(request.resumeToken.length, 0);
        yield frame({ frame: { case: "reset", value: {} } });
        yield frame({ frame: { case: "host", value: fromJson(HostStatusSchema, hostJson("alpha")) }, rev: 1n });
        yield frame({
          frame: {
            case: "snapshotEnd",
            value: { rowCount: streams > 1 ? 0 : 7, hostCount: 1, digest: 0n, resumeToken: Uint8Array.of(1) },
          },
          rev: 1n,
        });
        await aborted(signal);
      },
    },
  };
  const { io, running, interrupt } = start("--jsonl", lying);
  await io.stdout.shows(/"type":"lost","detail":"the view did not add up: .*[\s\S]*snapshot_end/);
  interrupt();
  assert.equal(await running, 130);
});

test("what fails before there is a view is an error, and not tried for ever", async () => {
  const { io, running } = start("--jsonl", { unary: { List: () => Promise.reject(new MosaicError("NOT_ALLOWED", "no")) } });
  assert.equal(await running, 5);
  assert.match(io.stderr.text, /^mosaic: no\n/);
});

test("on a terminal the table is kept up to date in place, and the terminal is put back", async () => {
  const fleet = server();
  const { io, running } = start("", fleet.memory, { terminal: { columns: 120, rows: 10 } });
  await io.stdout.shows(/1 agent on 1 of 1 host\..* q quits\./);
  assert.ok(io.stdout.text.startsWith("\x1b[?1049h\x1b[?25l"));
  fleet.log.publish([row("coder0")]);
  await io.stdout.shows(/coder0[\s\S]*2 agents on 1 of 1 host\./);
  fleet.log.publish([host("beta", { state: "HOST_STATE_UNREACHABLE", detail: "gone\x1b[2J" })]);
  await io.stdout.shows(/UNREACHABLE[\s\S]*last seen 0s ago: gone\\x1b\[2J/);
  io.press("q");
  assert.equal(await running, 0);
  assert.ok(io.stdout.text.endsWith("\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"));
  assert.equal(io.isRaw, false);
  assert.equal(fleet.openStreams, 0);
});

test("on a terminal ages tick by themselves, and a resize is drawn at once", async () => {
  const fleet = server();
  const { io, running } = start("--no-color", fleet.memory, { terminal: { columns: 120, rows: 10 } });
  await io.stdout.shows(/hook 2s[\s\S]*hook 3s/);
  const before = io.stdout.text.length;
  io.stdout.resize(30, 3);
  await io.stdout.shows(/AGENT +STATE\x1b[\s\S]*lead +working[\s\S]*1 agent on 1 of 1 host\. Not sh\x1b/, before);
  io.press("\x03");
  assert.equal(await running, 130);
});

test("a lost stream is shown on the terminal above nothing else", async () => {
  const fleet = server();
  const { io, running } = start("--no-color", fleet.memory, { terminal: { columns: 120, rows: 10 } });
  await io.stdout.shows(/1 agent on/);
  fleet.cut();
  await io.stdout.shows(/CONNECTION LOST: .*, retry in 1s\.\s[\s\S]*1 agent on/);
  io.press("q");
  assert.equal(await running, 0);
});

test("more agents than lines are counted, and the last line stays", async () => {
  const fleet = server();
  fleet.log.publish(Array.from({ length: 30 }, (_, index) => row(`agent${index}`)));
  const { io, running } = start("--no-color", fleet.memory, { terminal: { columns: 120, rows: 6 } });
  await io.stdout.shows(/… 28 more lines[^\r]*\r\n[^\r]*31 agents on 1 of 1 host\./);
  io.press("q");
  await running;
});

test("into a pipe the table is printed again after changes", async () => {
  const fleet = server();
  const { io, running, interrupt } = start("", fleet.memory);
  await io.stdout.shows(/1 agent on 1 of 1 host\.\n/);
  fleet.log.publish([row("coder0")]);
  await io.stdout.shows(/1 agent on 1 of 1 host\.\n\nTENANT[\s\S]*2 agents on 1 of 1 host\.\n/);
  interrupt();
  assert.equal(await running, 130);
  assert.doesNotMatch(io.stdout.text, /\x1b/);
});
