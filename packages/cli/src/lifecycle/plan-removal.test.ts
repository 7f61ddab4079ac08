import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import { aRoster, FakeTerminal, FakeUnits, RecordingAudit, realClock } from "@mosaic/testkit";
import { memoryFleet } from "./memory-fleet-for-tests.ts";
import { planChanges } from "./plan-changes.ts";
import { planRemoval } from "./plan-removal.ts";

const { signal } = new AbortController();
const LEAD = "mosaic-agent@lead.service";
const AGENT_2 = "mosaic-agent@1st.a.service";
const [NODE, HOLDER] = ["mosaic-node.service", "mosaic-tmux-holder.service"];

async function world(context: TestContext) {
  const fakes = {
    ...{ roster: aRoster(["lead", "1st.a"]), audit: new RecordingAudit(), files: fileStore() },
    ...{ units: new FakeUnits(), terminal: new FakeTerminal(realClock) },
  };
  return { ...fakes, ...(await memoryFleet(context, fakes)) };
}

/** A host on which a fleet is installed and runs. */
async function runningFleet(context: TestContext) {
  const memory = await world(context);
  await (await planChanges(memory.fleet, memory.framework, { listen: [], force: false })).apply(signal);
  for (const unit of [HOLDER, NODE, LEAD, AGENT_2]) if (unit !== undefined) await memory.units.start(unit, signal);
  memory.units.calls.length = 0;
  const files = async () => [...(await memory.fleet.files.list(memory.fleet.site.unitDirectory))];
  const plan = (options = {}) => planRemoval(memory.installed, { isForced: false, isStop: false, ...options }, signal);
  return { ...memory, files, plan };
}

test("agents are ended first, then the node, then the server; then it is disabled, removed, and systemd told", async (context) => {
  const { plan, units, audit, files, terminal } = await runningFleet(context);
  const { apply, ...removal } = await plan({ isStop: true });
  assert.deepEqual([removal.running, removal.strangers], [[], []]);
  await apply(signal);
  const [first, second, ...rest] = units.calls;
  assert.deepEqual([first, second].sort(), [`stop ${AGENT_2}`, `stop ${LEAD}`]);
  assert.deepEqual(rest.slice(0, 2), [`stop ${NODE}`, `stop ${HOLDER}`]);
  assert.match(rest[2] ?? "", /^disable /);
  assert.deepEqual(rest.slice(3), ["reload"]);
  assert.deepEqual([await files(), terminal.sessions], [[], []]);
  const [entry] = audit.of("fleet.uninstall");
  assert.deepEqual(entry?.facts, { files: removal.steps.length, disabled: 4, stopped: 4 });
});

test("a unit that does not end stops everything: it is named, and nothing is disabled or removed", async (context) => {
  const { plan, units, files } = await runningFleet(context);
  const before = await files();
  units.onStop = (unit) => {
    if (unit === LEAD) throw new MosaicError("UNIT_FAILED", "it hangs", { hint: "look at it" });
  };
  const { apply } = await plan({ isStop: true });
  await assert.rejects(apply(signal), (thrown) => {
    const { code, message, hint } = MosaicError.from(thrown);
    assert.deepEqual([code, message, hint], ["UNIT_FAILED", `cannot end ${LEAD}: it hangs`, "look at it"]);
    return true;
  });
  assert.deepEqual(await files(), before);
  assert.ok(
    units.calls.every((call) => call.startsWith("stop mosaic-agent@")),
    units.calls.join(),
  );
});

test("a session that is no unit's keeps the server, and with it the scripts", async (context) => {
  const { plan, terminal } = await runningFleet(context);
  terminal.addSession("own-work", "vim");
  terminal.addSession("gone", "vim");
  terminal.killProcess("gone");
  const { toStop, running, strangers, steps } = await plan({ isStop: true });
  assert.deepEqual([running, strangers], [[HOLDER], ["own-work"]]);
  assert.equal(toStop.includes(HOLDER ?? ""), false);
  assert.ok(steps.filter(({ path }) => path.includes("/framework/")).every(({ why }) => why === "in use"));
});

test("what can't be put on record is not taken away", async (context) => {
  const { plan, audit, units, files } = await runningFleet(context);
  const before = await files();
  audit.beforeRecord = async () => {
    throw new MosaicError("MACHINE", "the disk is full");
  };
  await assert.rejects((await plan({ isStop: true })).apply(signal), /the disk is full/);
  assert.deepEqual([await files(), units.calls], [before, []]);
});

test("failures that systemd remembers of units that are gone are forgotten", async (context) => {
  const { plan, units } = await runningFleet(context);
  units.set(LEAD, { active: "failed", sub: "failed", result: "start-limit-hit" });
  await (await plan()).apply(signal);
  assert.equal(units.calls.at(-1), `reset-failed ${LEAD}`);
  assert.ok(!units.calls.some((call) => call.startsWith("stop ")));
});

test("an installation that can't be put on record is not begun", async (context) => {
  const { fleet, framework, audit, units } = await world(context);
  audit.beforeRecord = async () => {
    throw new MosaicError("MACHINE", "the disk is full");
  };
  const changes = await planChanges(fleet, framework, { listen: [], force: false });
  await assert.rejects(changes.apply(signal), /the disk is full/);
  assert.deepEqual([await fleet.files.list(fleet.site.unitDirectory), units.calls], [[], []]);
});
