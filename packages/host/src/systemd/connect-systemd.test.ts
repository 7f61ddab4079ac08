import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError, type UnitFacts, type UnitTable } from "@mosaic/core";
import { needsSystemd, never, type PrivateManager, privateManager, until } from "./user-manager-for-tests.ts";

const SLEEPER = ["[Service]", "ExecStart=/bin/sleep infinity", "Restart=always"];
const INSTALL = ["[Install]", "WantedBy=default.target"];

async function runningManager(context: TestContext): Promise<PrivateManager> {
  const manager = await privateManager(context);
  await manager.writeUnit("agent@.service", ...SLEEPER, ...INSTALL);
  await manager.start();
  return manager;
}

async function readUnits(systemd: UnitTable, ...patterns: readonly string[]): Promise<readonly UnitFacts[]> {
  const reading = await systemd.read(patterns, never);
  return reading.kind === "units" ? reading.units : assert.fail(reading.reason);
}

async function readUnit(systemd: UnitTable, unit: string): Promise<UnitFacts | undefined> {
  return (await readUnits(systemd, unit)).find((facts) => facts.unit === unit);
}

async function failureOf(work: Promise<unknown>): Promise<MosaicError> {
  const error = await work.then(
    () => assert.fail("it did not fail"),
    (thrown: unknown) => thrown,
  );
  return error instanceof MosaicError ? error : assert.fail(String(error));
}

/** Counts calls of a listener, and waits for the next one. */
function listen(systemd: UnitTable) {
  let calls = 0;
  systemd.onChange(() => {
    calls += 1;
  });
  return {
    /** Does something, and says how long it took until the first call after it began. */
    async during(work: () => unknown): Promise<number> {
      const before = calls;
      const startedMs = performance.now();
      await work();
      await until("a change is told", () => calls > before);
      return performance.now() - startedMs;
    },
    get calls() {
      return calls;
    },
  };
}

/** Counts the messages that leave while something is done. */
async function sentDuring(work: () => Promise<unknown>): Promise<number> {
  let sent = 0;
  const count = () => {
    sent += 1;
  };
  subscribe("dbus:message:send", count);
  await work();
  unsubscribe("dbus:message:send", count);
  return sent;
}

test("a unit is read through its life: unknown, running, restarted, stopped", needsSystemd, async (t) => {
  const manager = await runningManager(t);
  const systemd = manager.connect();
  const unit = "agent@a.b-1.service";
  assert.equal(await readUnit(systemd, unit), undefined);
  await systemd.start(unit, never);
  const { mainPid, ...running } = (await readUnit(systemd, unit)) ?? assert.fail("not listed");
  assert.deepEqual(running, { unit, active: "active", sub: "running", enabled: "disabled", result: "success", restarts: 0 });
  process.kill(mainPid, "SIGKILL");
  await until("it is restarted", async () => (await readUnit(systemd, unit))?.restarts === 1);
  const again = await readUnit(systemd, unit);
  assert.ok(again !== undefined && again.mainPid !== mainPid);
  await systemd.restart(unit, never);
  assert.notEqual((await readUnit(systemd, unit))?.mainPid, again.mainPid);
  await systemd.stop(unit, never);
  assert.equal(await readUnit(systemd, unit), undefined);
});

test("a failed unit tells its result and restarts, and after a reset it can be started again", needsSystemd, async (t) => {
  const manager = await runningManager(t);
  const limits = ["[Unit]", "StartLimitBurst=3", "StartLimitIntervalSec=1000"];
  await manager.writeUnit("crash@.service", ...limits, "[Service]", "ExecStart=/bin/false", "Restart=always", "RestartSec=1ms");
  const systemd = manager.connect();
  const unit = "crash@a.service";
  await systemd.start(unit, never);
  await until("systemd gives up", async () => (await readUnit(systemd, unit))?.active === "failed");
  const failed = { unit, active: "failed", sub: "failed", enabled: "static", mainPid: 0, restarts: 3 };
  // 252 calls it by what ended the last run, others by the limit.
  const { result, ...rest } = (await readUnit(systemd, unit)) ?? assert.fail("not listed");
  assert.deepEqual(rest, failed);
  assert.match(result, /^(start-limit-hit|exit-code)$/);
  const refused = await failureOf(systemd.start(unit, never));
  assert.equal(refused.code, "UNIT_FAILED");
  assert.equal(refused.message, `cannot start "crash@a.service": it failed (failed, ${result}, restarted 3 times)`);
  assert.equal(refused.hint, "systemctl --user reset-failed crash@a.service");
  await systemd.resetFailed(unit, never);
  await systemd.start(unit, never);
});

test("a job that fails says which unit, systemd's reason and where to look", needsSystemd, async (t) => {
  const manager = await runningManager(t);
  await manager.writeUnit("bad.service", "[Service]", "Type=oneshot", "ExecStart=/bin/false");
  await manager.writeUnit("needs-bad.service", "[Unit]", "Requires=bad.service", "After=bad.service", ...SLEEPER);
  const systemd = manager.connect();
  const failed = await failureOf(systemd.start("bad.service", never));
  assert.equal(failed.code, "UNIT_FAILED");
  assert.equal(failed.message, 'cannot start "bad.service": it failed (failed, exit-code)');
  assert.equal(failed.hint, "journalctl --user -u bad.service -n 50");
  const dependent = await failureOf(systemd.start("needs-bad.service", never));
  assert.equal(dependent.message, 'cannot start "needs-bad.service": a unit that it needs failed (dependency)');
});

test("what systemd refuses is said in words, and what is not there need not be stopped", needsSystemd, async (t) => {
  const manager = await runningManager(t);
  await symlink("/dev/null", join(manager.unitDirectory, "masked.service"));
  const systemd = manager.connect();
  const unknown = await failureOf(systemd.start("nothing@a.service", never));
  assert.deepEqual([unknown.code, unknown.hint], ["UNIT_FAILED", "mosaic fleet install-systemd"]);
  assert.equal(unknown.message, 'cannot start "nothing@a.service": systemd knows no such unit');
  const masked = await failureOf(systemd.start("masked.service", never));
  assert.deepEqual([masked.code, masked.hint], ["UNIT_FAILED", "systemctl --user unmask masked.service"]);
  await manager.writeUnit("static.service", ...SLEEPER);
  assert.match(
    (await failureOf(systemd.enable(["static.service"], never))).message,
    /no unit file among them has an \[Install\]/,
  );
  assert.match(
    (await failureOf(systemd.enable(["nothing.service"], never))).message,
    /cannot enable "nothing.service": systemd knows no such/,
  );
  for (const unit of ["nothing@a.service", "agent@never-started.service"]) {
    await systemd.stop(unit, never);
    await systemd.resetFailed(unit, never);
    await systemd.disable([unit], never);
  }
});

test("enabled units are seen also when they are not loaded, whoever enabled them", needsSystemd, async (t) => {
  const manager = await runningManager(t);
  const systemd = manager.connect();
  const enabledNow = async () => (await readUnits(systemd, "agent@*.service")).map(({ unit, enabled }) => `${unit} ${enabled}`);
  assert.deepEqual(await enabledNow(), []);
  await systemd.enable(["agent@b.service", "agent@a.service"], never);
  assert.deepEqual(await readUnit(systemd, "agent@a.service"), {
    unit: "agent@a.service",
    active: "inactive",
    sub: "dead",
    enabled: "enabled",
    result: "",
    restarts: 0,
    mainPid: 0,
  });
  assert.deepEqual(await enabledNow(), ["agent@a.service enabled", "agent@b.service enabled"]);
  await systemd.disable(["agent@a.service"], never);
  assert.deepEqual(await enabledNow(), ["agent@b.service enabled"]);
  const heard = listen(systemd);
  await heard.during(() => manager.systemctl("enable", "--runtime", "agent@c.service"));
  assert.deepEqual(await enabledNow(), ["agent@b.service enabled", "agent@c.service enabled-runtime"]);
  // A reload makes systemd load what default.target wants; it never ran.
  await systemd.reload(never);
  assert.equal((await readUnit(systemd, "agent@b.service"))?.result, "");
  await rm(join(manager.unitDirectory, "agent@.service"));
  await systemd.reload(never);
  assert.deepEqual(await enabledNow(), []);
});

test("every unit file state is the one that systemd tells of that single unit", needsSystemd, async (t) => {
  const manager = await runningManager(t);
  await manager.writeUnit("agent@own.service", ...SLEEPER);
  await manager.writeUnit("agent-static@.service", ...SLEEPER);
  await manager.writeUnit("agent-default@.service", ...SLEEPER, ...INSTALL, "DefaultInstance=usual");
  await manager.writeUnit("agent-plain.service", ...SLEEPER, ...INSTALL);
  await symlink("/dev/null", join(manager.unitDirectory, "agent-masked@.service"));
  await symlink("/dev/null", join(manager.unitDirectory, "agent@masked.service"));
  await mkdir(join(manager.unitDirectory, "agent-plain.service.requires"));
  await symlink("../agent@.service", join(manager.unitDirectory, "agent-plain.service.requires/agent@required.service"));
  const systemd = manager.connect();
  const enabled = ["agent@on.service", "agent-default@usual.service", "agent-plain.service"];
  await systemd.enable(enabled, never);
  await manager.systemctl("enable", "--runtime", "agent@runtime.service");
  const others = ["agent@off.service", "agent@own.service", "agent-static@a.service", "agent-default@other.service"];
  for (const unit of [...others, "agent@on.service"]) await systemd.start(unit, never);
  const units = await readUnits(systemd, "agent*");
  assert.ok(units.length >= 8, `${units.length}`);
  for (const { unit, enabled: state } of units) assert.equal(state, await manager.systemctl("is-enabled", unit), unit);
  const names = new Set(units.map(({ unit }) => unit));
  for (const unit of [...enabled, ...others, "agent@runtime.service", "agent@required.service"]) assert.ok(names.has(unit), unit);
});

test("a change is told within 1 s, and none of a unit that nobody asked for", needsSystemd, async (t) => {
  const manager = await runningManager(t);
  await manager.writeUnit("other.service", ...SLEEPER);
  const systemd = manager.connect();
  await systemd.start("agent@a.service", never);
  const facts = await readUnit(systemd, "agent@a.service");
  const heard = listen(systemd);
  await until("the start's own signals are over", async () => (await readUnit(systemd, "agent@a.service"))?.sub === "running");
  const kill = () => process.kill(facts?.mainPid ?? assert.fail("not running"), "SIGKILL");
  assert.ok((await heard.during(kill)) < 1_000);
  await until("it runs again", async () => (await readUnit(systemd, "agent@a.service"))?.sub === "running");
  assert.ok((await heard.during(() => systemd.enable(["agent@a.service"], never))) < 1_000);
  // One more round trip: all signals of what came before are in.
  await systemd.version(never);
  const before = heard.calls;
  for (let times = 0; times < 5; times += 1) {
    await systemd.start("other.service", never);
    await systemd.stop("other.service", never);
  }
  // One may still be told of what came before.
  assert.ok(heard.calls <= before + 1, `${heard.calls - before} calls`);
});

test("without a manager a reading says so at once, and a change is refused", needsSystemd, async (t) => {
  const manager = await privateManager(t);
  const systemd = manager.connect();
  const startedMs = performance.now();
  const reading = await systemd.read(["*"], never);
  assert.equal(reading.kind, "absent");
  // The next attempt is 2 s away.
  assert.ok(performance.now() - startedMs < 1_500);
  assert.equal((await failureOf(systemd.start("a.service", never))).code, "NO_SYSTEMD");
});

test("a manager that is killed and started again is found again, without a hand", needsSystemd, async (t) => {
  const manager = await runningManager(t);
  const systemd = manager.connect();
  await systemd.enable(["agent@a.service"], never);
  const heard = listen(systemd);
  await systemd.start("agent@b.service", never);
  await heard.during(() => manager.kill());
  const reading = await systemd.read(["agent@*.service"], never);
  assert.equal(reading.kind, "absent");
  assert.ok((await heard.during(() => manager.start())) < 5_000);
  await until("the enabled one runs", async () => (await readUnit(systemd, "agent@a.service"))?.sub === "running");
  assert.deepEqual(
    (await readUnits(systemd, "agent@*.service")).map(({ unit }) => unit),
    ["agent@a.service"],
  );
});

test("a manager that executes itself anew is found again with its units and their restarts", needsSystemd, async (t) => {
  const manager = await runningManager(t);
  const systemd = manager.connect();
  await systemd.start("agent@a.service", never);
  const before = await readUnit(systemd, "agent@a.service");
  const heard = listen(systemd);
  let isOver = false;
  const reexecuted = heard
    .during(() => manager.systemctl("daemon-reexec"))
    .finally(() => {
      isOver = true;
    });
  // No reading meanwhile takes it for gone.
  while (!isOver) assert.deepEqual(await readUnit(systemd, "agent@a.service"), before);
  await reexecuted;
  assert.deepEqual(await readUnit(systemd, "agent@a.service"), before);
});

test("who waits for a job can leave, and a manager that dies meanwhile ends the wait", needsSystemd, async (t) => {
  const manager = await runningManager(t);
  await manager.writeUnit(
    "slow.service",
    "[Service]",
    "Type=oneshot",
    "ExecStart=/bin/sleep infinity",
    "TimeoutStartSec=infinity",
  );
  const systemd = manager.connect();
  const leaving = new AbortController();
  const left = failureOf(systemd.start("slow.service", leaving.signal));
  await until("the job runs", async () => (await readUnit(systemd, "slow.service"))?.active === "activating");
  leaving.abort();
  assert.equal((await left).code, "CANCELLED");
  const waiting = failureOf(systemd.start("slow.service", never));
  await systemd.version(never);
  await manager.kill();
  assert.equal((await waiting).code, "NO_SYSTEMD");
});

test("200 instances are one message per reading, and a change costs a few more", needsSystemd, async (t) => {
  const manager = await runningManager(t);
  const systemd = manager.connect();
  const names = Array.from({ length: 200 }, (_, index) => `agent@a${index}.service`);
  await systemd.enable(names, never);
  await Promise.all(names.map((unit) => systemd.start(unit, never)));
  const read = () => readUnits(systemd, "agent@*.service");
  await until("all their signals are in", async () => (await sentDuring(read)) === 1);
  const units = await read();
  assert.equal(units.length, 200);
  assert.ok(units.every(({ active, enabled, mainPid }) => active === "active" && enabled === "enabled" && mainPid > 0));
  assert.equal(await sentDuring(read), 1);
  await systemd.restart("agent@a7.service", never);
  assert.equal(await sentDuring(read), 3);
});
