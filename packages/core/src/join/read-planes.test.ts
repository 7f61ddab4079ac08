import assert from "node:assert/strict";
import { test } from "node:test";
import { aReading, aRoster, FakeClock, FakeHost, RUN_DIRECTORY } from "@mosaic/testkit";
import { Evidence, HeartbeatStatus } from "@mosaic/wire";
import type { HeartbeatReading } from "./heartbeat-reading.ts";
import { readPlanes } from "./read-planes.ts";

const { signal } = new AbortController();

function hostWith(agents: readonly string[]) {
  const clock = new FakeClock();
  const host = new FakeHost({ tenantId: "team-a", host: "alpha", clock, agents });
  const read = (reported: ReadonlyMap<string, HeartbeatReading> = new Map()) =>
    readPlanes(host.planes(), { roster: aRoster(agents), hostId: host.hostId, runDirectory: RUN_DIRECTORY, reported }, signal);
  return { clock, host, read };
}

test("panes, heartbeat files and reports are read, and the terminal server is asked once however many agents there are", async () => {
  const { host, read } = hostWith(Array.from({ length: 50 }, (_, index) => `a${index}`));
  host.writeHeartbeatFile("a7", "busy");
  const readings = await read(new Map([["a8", aReading()]]));
  assert.equal(readings.panes.length, 50);
  assert.deepEqual([...readings.heartbeats.keys()].sort(), ["a7", "a8"]);
  assert.equal(host.terminal.listCount, 1);
});

test("a file's writer decides what it proves", async () => {
  const { host, read } = hostWith(["a", "b", "c"]);
  host.writeHeartbeatFile("a", "ok", undefined, "runtime");
  host.writeHeartbeatFile("b", "ok", undefined, "sidecar");
  host.writeHeartbeatFile("c", "busy");
  const { heartbeats } = await read();
  assert.deepEqual(
    ["a", "b", "c"].map((name) => heartbeats.get(name)?.evidence),
    [Evidence.FILE, Evidence.SIDECAR, Evidence.FILE],
  );
  assert.deepEqual(
    ["a", "c"].map((name) => heartbeats.get(name)?.status),
    [HeartbeatStatus.OK, HeartbeatStatus.BUSY],
  );
});

test("a torn, foreign or oversized heartbeat file makes that heartbeat unknown and hides nobody else's", async () => {
  const { host, read } = hostWith(["a", "b", "c", "d"]);
  host.files.write(`${RUN_DIRECTORY}/a.hb`, "ts=2026-01-01T00:00:00Z\npid=12");
  host.files.write(`${RUN_DIRECTORY}/b.hb`, "x".repeat(20_000));
  host.files.write(`${RUN_DIRECTORY}/notes.txt`, "not a heartbeat");
  host.writeHeartbeatFile("d", "ok");
  assert.deepEqual([...(await read()).heartbeats.keys()], ["d"]);
});

test("of a file and a report of the same agent the one to believe is taken", async () => {
  const { clock, host, read } = hostWith(["a"]);
  host.writeHeartbeatFile("a", "busy");
  const report = (atUnixMs: number) => new Map([["a", aReading({ atUnixMs, status: HeartbeatStatus.IDLE })]]);
  assert.equal((await read(report(clock.nowUnixMs()))).heartbeats.get("a")?.evidence, Evidence.HOOK, "at the same moment");
  assert.equal(
    (await read(report(clock.nowUnixMs() - 5000))).heartbeats.get("a")?.evidence,
    Evidence.FILE,
    "when the report is older",
  );
});

test("planes that can't be read are an error, never an empty host", async () => {
  const { host, read } = hostWith(["a"]);
  host.terminal.failure = new Error("tmux is gone");
  await assert.rejects(read(), /tmux is gone/);
  host.terminal.failure = undefined;
  host.files.failure = new Error("folder is gone");
  await assert.rejects(read(), /folder is gone/);
});

test("drift is looked up only for panes with a process", async () => {
  const { host, read } = hostWith(["a"]);
  host.terminal.pane("a").command = "codex";
  const { driftIn, panes } = await read();
  const [pane] = panes;
  assert.ok(pane);
  assert.deepEqual(
    [driftIn("claude", pane), driftIn("codex", pane), driftIn("claude", { ...pane, pid: 0 })],
    ["codex", undefined, undefined],
  );
});
