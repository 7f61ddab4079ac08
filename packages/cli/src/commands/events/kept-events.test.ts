import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { formatEventLine, MosaicError } from "@mosaic/core";
import { aHostStatus } from "@mosaic/testkit";
import { FleetEventSchema, HostState, WatchEventsResponseSchema } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";
import type { EventsAnswer } from "./events.ts";

const DIED = {
  ...{ kind: "agent.died", tenantId: "team-a", host: "alpha", agent: "lead", from: "READY", to: "DEAD" },
  ...{ reason: "exited with 137", traceparent: "", count: 1 },
} as const;

function line(second: number, fields: Partial<typeof DIED> | { readonly [name: string]: string | number } = {}): string {
  const id = `01ARZ3NDEKTSV4RRFFQ69G5F${String(second).padStart(2, "0")}`;
  return `${formatEventLine({ ...DIED, id, atUnixMs: 1_767_225_600_000 + 1000 * second, ...fields })}\n`;
}

async function home(context: TestContext, lines: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-events-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "fleet/events"), { recursive: true });
  for (const [name, text] of Object.entries(lines)) await writeFile(join(folder, "fleet/events", name), text);
  return folder;
}

async function mosaic(folder: string, ...argv: string[]) {
  const io = memoryIo();
  const exitCode = await runCli(["events", ...argv, "--mosaic-home", folder], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

test("what both daemons of a home kept is shown by time, over the files that were put aside", async (context) => {
  const folder = await home(context, {
    "node.jsonl.1": line(1, { kind: "agent.found", from: "", to: "READY", reason: "" }),
    "node.jsonl": `${line(3)}{"id":"01AR`,
    "aggregator.jsonl": line(2, { kind: "host.unreachable", agent: "", from: "LIVE", to: "UNREACHABLE", reason: "", count: 4 }),
  });
  const { stdout, stderr, exitCode } = await mosaic(folder);
  assert.equal(
    stdout,
    [
      "2026-01-01T00:00:01.000Z  agent.found  team-a/alpha/lead  READY",
      "2026-01-01T00:00:02.000Z  host.unreachable  team-a/alpha  LIVE → UNREACHABLE  4 times within a minute",
      "2026-01-01T00:00:03.000Z  agent.died  team-a/alpha/lead  READY → DEAD  exited with 137\n",
    ].join("\n"),
  );
  assert.deepEqual([exitCode, /^1 line in .* a crash cut them short/.test(stderr)], [0, true]);
  const kinds = async (...argv: string[]) => (await mosaic(folder, ...argv)).stdout.match(/\S+\.\S+(?= {2}team)/g);
  assert.deepEqual(await kinds("--kind", "agent"), ["agent.found", "agent.died"]);
  assert.deepEqual(await kinds("--agent", "alpha/lead", "--tail", "1"), ["agent.died"]);
  assert.deepEqual(await kinds("--agent", "beta/lead"), null);
  assert.deepEqual(await kinds("--since", "1ms"), null);
});

test("an event has the fields of a record and its own", async (context) => {
  const folder = await home(context, {
    "node.jsonl": line(1, { traceparent: `00-${"4".repeat(32)}-${"0".repeat(15)}1-01`, count: 2 }),
  });
  const answer = JSON.parse((await mosaic(folder, "--json")).stdout) as EventsAnswer;
  assert.deepEqual(answer.items, [
    {
      ...{ type: "event", index: null, at: "2026-01-01T00:00:01.000Z", action: "agent.died", actor: "mosaic-node" },
      ...{ tenant_id: "team-a", host: "alpha", agent: "team-a/alpha/lead" },
      facts: { from: "READY", to: "DEAD", reason: "exited with 137", trace: "4".repeat(32), count: 2 },
      ...{ is_cut: false, id: "01ARZ3NDEKTSV4RRFFQ69G5F01", source: "node" },
    },
  ]);
});

test("following tells what is kept later, each once, also when the file was put aside meanwhile", async (context) => {
  const folder = await home(context, { "node.jsonl": line(1) });
  const io = memoryIo();
  const running = runCli(["events", "--follow", "--mosaic-home", folder], io);
  await io.stdout.shows(/00:01/);
  await writeFile(join(folder, "fleet/events/node.jsonl.1"), line(1) + line(2));
  await writeFile(join(folder, "fleet/events/node.jsonl"), line(3) + line(4));
  await io.stdout.shows(/00:04/);
  io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  await running;
  assert.deepEqual(io.stdout.text.match(/:0\d(?=\.)/g), [":01", ":02", ":03", ":04"]);
});

test("of the whole fleet a host that does not answer and what is not kept any more are named, and the answer is partial", async () => {
  const event = create(FleetEventSchema, {
    ...DIED,
    id: "01A",
    sourceId: "h-1",
    sourceRole: "node",
    atUnixMs: 1_767_225_600_000n,
  });
  const hosts = [
    aHostStatus({ host: "alpha" }),
    aHostStatus({ host: "beta", state: HostState.UNREACHABLE, detail: "connection refused" }),
  ];
  let asked: object = {};
  const remote = memoryRemote({
    "unix:/m/fleet/run/aggregator.sock": {
      streams: {
        async *watchEvents(request) {
          asked = { tail: request.tail, kinds: request.kinds, names: request.selector?.names, follow: request.follow };
          yield create(WatchEventsResponseSchema, { frame: { case: "gap", value: { reason: "some are gone" } } });
          yield create(WatchEventsResponseSchema, { frame: { case: "event", value: event } });
          yield create(WatchEventsResponseSchema, { frame: { case: "caughtUp", value: { hosts } } });
        },
      },
    },
  });
  const ask = async (...more: string[]) => {
    const io = memoryIo();
    const argv = ["events", "--all-hosts", "--mosaic-home", "/m", "--kind", "agent", "--agent", "lead", ...more];
    return { exitCode: await runCli(argv, io, { deps: { remote } }), io };
  };
  const { exitCode, io } = await ask();
  assert.deepEqual(asked, { tail: 50, kinds: ["agent"], names: ["lead"], follow: false });
  assert.equal(exitCode, 3);
  assert.match(io.stdout.text, /agent\.died {2}team-a\/alpha\/lead/);
  assert.match(io.stderr.text, /some are gone\n.*beta is UNREACHABLE: connection refused: its events are missing here/);
  assert.equal((await ask("--allow-partial")).exitCode, 0);
  const answer = JSON.parse((await ask("--json")).io.stdout.text) as EventsAnswer;
  assert.deepEqual([answer.complete, answer.gaps, answer.items[0]?.source], [false, ["some are gone"], "node:h-1"]);
});
