import assert from "node:assert/strict";
import { test } from "node:test";
import { aRoster, FakeClock, FakeHost, RUN_DIRECTORY, settle } from "@mosaic/testkit";
import { HeartbeatStatus } from "@mosaic/wire";
import { PlaneReader } from "./plane-reader.ts";

/** A reader over a fake host, and what each of its readings looked at. */
function reading(agents: readonly string[] = ["a", "b", "c"]) {
  const clock = new FakeClock();
  const host = new FakeHost({ tenantId: "team-a", host: "alpha", clock, agents });
  const looks: string[] = [];
  const late: string[] = [];
  const planes = host.planes();
  const { files, terminal, units, processes } = planes;
  const noted = <Value>(look: string, value: Value): Value => {
    looks.push(look);
    return value;
  };
  const counted: typeof planes = {
    ...planes,
    files: {
      list: (...args) => noted("list", files.list(...args)),
      read: (path, maxBytes) => noted(path.replace(`${RUN_DIRECTORY}/`, ""), files.read(path, maxBytes)),
      onChange: (...args) => files.onChange(...args),
    },
    terminal: Object.assign(Object.create(terminal), {
      listPanes: (signal: AbortSignal) => noted("terminal", terminal.listPanes(signal)),
    }),
    units: { read: (...args) => noted("units", units.read(...args)), onChange: (listener) => units.onChange(listener) },
    processes: { ...processes, read: (pid) => noted(`process ${pid}`, processes.read(pid)) },
  };
  const reader = new PlaneReader(counted, { runDirectory: RUN_DIRECTORY, onLate: () => late.push("late") });
  const { signal } = new AbortController();
  const read = () => reader.read({ roster: aRoster(agents), hostId: "h", reported: new Map() }, signal);
  const looked = () => looks.splice(0).sort();
  return { clock, host, reader, read, looked, late };
}

test("the first reading looks at everything, and the next one at nothing", async () => {
  const { host, read, looked } = reading();
  host.writeHeartbeatFile("a", "ok");
  await read();
  assert.deepEqual(looked(), ["a.hb", "list", "terminal", "units"]);
  await read();
  assert.deepEqual(looked(), []);
});

test("a heartbeat file that changed is the only one that is read, and what is no heartbeat is not", async () => {
  const { host, reader, read, looked } = reading();
  for (const name of ["a", "b"]) host.writeHeartbeatFile(name, "ok");
  await read();
  looked();
  host.writeHeartbeatFile("b", "busy");
  assert.deepEqual(
    [reader.expireFile("b.hb"), reader.expireFile(".b.hb.12.1"), reader.expireFile("node.json")],
    [true, false, false],
  );
  const { heartbeats } = await read();
  assert.deepEqual([looked(), heartbeats.get("b")?.status], [["b.hb"], HeartbeatStatus.BUSY]);
  host.files.remove(`${RUN_DIRECTORY}/b.hb`);
  reader.expireFile("b.hb");
  assert.deepEqual([...(await read()).heartbeats.keys()], ["a"]);
});

test("tmux is read again after 5 s, systemd after 30 s, and all files after a minute", async () => {
  const { clock, host, read, looked } = reading();
  await read();
  looked();
  const seen: string[] = [];
  for (let second = 1; second <= 60; second += 1) {
    await clock.advance(1000);
    host.writeHeartbeatFile("a", "ok");
    if (second === 1) await read();
    await read();
    for (const what of looked()) if (what !== "list" && what !== "a.hb") seen.push(`${what} ${second}`);
  }
  const every = (what: string, seconds: number) => Array.from({ length: 60 / seconds }, (_, i) => `${what} ${(i + 1) * seconds}`);
  assert.deepEqual(seen.sort(), [...every("terminal", 5), ...every("units", 30)].sort());
});

test("a file whose notice got lost is read when it should have been replaced, and what is fresh is left alone", async () => {
  const { clock, host, read, looked } = reading();
  host.writeHeartbeatFile("a", "ok");
  await read();
  await clock.advance(10_000);
  host.writeHeartbeatFile("a", "busy");
  looked();
  await read();
  assert.deepEqual(looked(), ["list", "terminal"]);
  await clock.advance(10_000);
  const { heartbeats } = await read();
  assert.deepEqual([looked(), heartbeats.get("a")?.status], [["a.hb", "list", "terminal"], HeartbeatStatus.BUSY]);
});

test("files of agents that were stopped long ago are not read every 5 s", async () => {
  const { clock, host, read, looked } = reading();
  host.writeHeartbeatFile("a", "ok");
  await read();
  await clock.advance(61_000);
  await read();
  looked();
  await clock.advance(5000);
  await read();
  assert.deepEqual(looked(), ["list", "terminal"]);
});

test("a new file is found without a notice", async () => {
  const { clock, host, read } = reading();
  await read();
  host.writeHeartbeatFile("b", "ok");
  await clock.advance(5000);
  assert.deepEqual([...(await read()).heartbeats.keys()], ["b"]);
});

test("a pane that is as it was stays the same object, small activity or not", async () => {
  const { clock, host, reader, read } = reading();
  const [before] = (await read()).panes;
  assert.ok(before);
  await clock.advance(4999);
  host.terminal.print("a", "hello");
  reader.expire("terminal");
  assert.equal((await read()).panes[0], before);
  await clock.advance(1);
  host.terminal.print("a", "hello");
  reader.expire("terminal");
  assert.notEqual((await read()).panes[0], before);
});

test("processes are looked at when their pane changed, and otherwise about every half minute", async () => {
  const { clock, host, reader, read, looked } = reading(["a"]);
  const look = async () => {
    const { panes, driftIn } = await read();
    const drift = panes.map((pane) => driftIn("claude", pane));
    return [looked().filter((what) => what.startsWith("process")).length, drift[0]];
  };
  assert.deepEqual(await look(), [1, "stub"]);
  assert.deepEqual(await look(), [0, "stub"]);
  host.terminal.pane("a").command = "codex";
  reader.expire("terminal");
  assert.deepEqual(await look(), [1, "codex"]);
  await clock.advance(20_000);
  assert.deepEqual(await look(), [0, "codex"]);
  await clock.advance(20_000);
  assert.deepEqual(await look(), [1, "codex"]);
});

test("a reading that failed is made good by the next one, named files and all", async () => {
  const { host, reader, read, looked } = reading();
  host.writeHeartbeatFile("a", "ok");
  await read();
  host.writeHeartbeatFile("a", "busy");
  reader.expireFile("a.hb");
  reader.expire("terminal");
  host.terminal.failure = new Error("tmux is gone");
  host.files.failure = new Error("folder is gone");
  await assert.rejects(read());
  reader.expire("files");
  await assert.rejects(read());
  host.terminal.failure = undefined;
  host.files.failure = undefined;
  looked();
  const { heartbeats } = await read();
  assert.deepEqual([looked(), heartbeats.get("a")?.status], [["a.hb", "list", "terminal"], HeartbeatStatus.BUSY]);
});

test("a systemd that can't be read hides nothing else, and is asked again after 5 s", async () => {
  const { clock, host, read } = reading();
  host.units.failure = new Error("connection lost");
  const { units, panes } = await read();
  assert.deepEqual([units.kind, panes.length], ["unreadable", 3]);
  host.units.failure = undefined;
  await clock.advance(5000);
  assert.equal((await read()).units.kind, "units");
});

test("a systemd that takes its time holds nobody up, and is believed when it has answered", async () => {
  const { clock, host, reader, read, late } = reading();
  await read();
  const answers = Promise.withResolvers<void>();
  host.units.beforeRead = () => answers.promise;
  host.units.set("mosaic-agent@a.service", { active: "failed" });
  reader.expire("units");
  const slow = read();
  await clock.advance(250);
  const { units } = await slow;
  assert.equal(units.kind === "units" && units.byName.get("mosaic-agent@a.service")?.active, "active", "as it was");
  // Asked for while the old question is still open: it must be asked anew, for the answer may be of before.
  reader.expire("units");
  const again = read();
  await clock.advance(250);
  await again;
  answers.resolve();
  await settle();
  assert.deepEqual(late, ["late"]);
  host.units.set("mosaic-agent@a.service", { active: "inactive" });
  const now = (await read()).units;
  assert.equal(now.kind === "units" && now.byName.get("mosaic-agent@a.service")?.active, "inactive");
});
