import assert from "node:assert/strict";
import { test } from "node:test";
import { anAgent, aPane, aRoster } from "@mosaic/testkit";
import type { UnitFacts } from "../ports/units.ts";
import { agentConditions, withRecordingStopped, wouldNotComeBack } from "./row-conditions.ts";
import type { RowFacts } from "./row-facts.ts";

const [core] = aRoster([{ lifecycle: "core" }]).agents;
const [ephemeral] = aRoster([{ lifecycle: "ephemeral" }]).agents;
const aUnit = (fields: Partial<UnitFacts> = {}): UnitFacts => ({
  ...{ unit: "mosaic-agent@lead.service", active: "active", sub: "running", enabled: "enabled" },
  ...{ result: "success", restarts: 0, mainPid: 1001, ...fields },
});
const running: RowFacts = {
  ...{ tenantId: "team-a", host: "alpha", hostId: "h", name: "lead", entry: core, pane: aPane(), otherRuntimes: "" },
  ...{ reading: undefined, health: undefined, isWedged: false, told: undefined, drift: undefined, unit: aUnit(), hasUnits: true },
};
const told = (facts: Partial<RowFacts>) => agentConditions({ ...running, ...facts }).map(({ type }) => type);
const messageOf = (type: string, facts: Partial<RowFacts>) =>
  agentConditions({ ...running, ...facts }).find((condition) => condition.type === type)?.message;

test("an agent that is kept, enabled, and alone has nothing to say", () => {
  assert.deepEqual(told({}), []);
  assert.deepEqual(told({ unit: undefined, hasUnits: false }), []);
});

test("a core agent that runs now and would be gone after a reboot is warned of, whoever started it", () => {
  const warned = (facts: Partial<RowFacts>) => wouldNotComeBack({ ...running, ...facts });
  const disabled = aUnit({ enabled: "disabled" });
  assert.equal(warned({ unit: disabled }), true);
  assert.equal(warned({ unit: aUnit({ enabled: "enabled-runtime" }) }), true, "which a reboot forgets");
  assert.equal(warned({ unit: undefined }), true, "when it has no unit");
  assert.equal(warned({ unit: aUnit({ enabled: "disabled", active: "inactive" }) }), true, "when started by hand");
  assert.equal(warned({ unit: disabled, pane: undefined }), true, "when only its unit runs");
  assert.equal(warned({ unit: aUnit({ enabled: "disabled", active: "inactive" }), pane: undefined }), false, "when it rests");
  assert.equal(warned({ unit: aUnit({ enabled: "disabled", active: "inactive" }), pane: aPane({ isDead: true }) }), false);
  assert.equal(warned({ unit: disabled, entry: ephemeral }), false, "when it lives for a lane only");
  assert.equal(warned({ unit: disabled, entry: undefined }), false, "when no roster wants it");
  assert.equal(warned({ unit: undefined, hasUnits: false }), false, "when nobody can be asked");
  assert.deepEqual(told({ unit: disabled }), ["BOOT_ENABLE"]);
  assert.match(messageOf("BOOT_ENABLE", { unit: disabled }) ?? "", /its unit is disabled; mosaic fleet install-systemd/);
  assert.match(messageOf("BOOT_ENABLE", { unit: undefined }) ?? "", /it has no unit/);
});

test("a unit that systemd gave up, or restarts a third time, is a crash loop, with what to type", () => {
  const givenUp = { active: "failed", sub: "failed", result: "start-limit-hit", restarts: 6 };
  const gone = { pane: aPane({ isDead: true }) };
  assert.deepEqual(told({ ...gone, unit: aUnit(givenUp) }), ["CRASH_LOOP"]);
  assert.equal(
    messageOf("CRASH_LOOP", { unit: aUnit(givenUp) }),
    "systemd gave up after restarting it 6 times; look with mosaic agent tail lead, then: mosaic fleet start lead",
  );
  const again = (restarts: number, sub = "auto-restart") =>
    told({ ...gone, unit: aUnit({ active: "activating", sub, result: "exit-code", restarts }) });
  assert.deepEqual([again(2), again(3), again(9, "start")], [[], ["CRASH_LOOP"], ["CRASH_LOOP"]]);
  const kept = { active: "failed", sub: "failed", result: "exit-code", restarts: 11 };
  assert.deepEqual(told({ ...gone, unit: aUnit(kept) }), ["CRASH_LOOP"], "as systemd 252 tells it");
});

test("a second runtime in the agent's session is a duplicate, and so is a process that its unit keeps elsewhere", () => {
  assert.match(messageOf("DUPLICATE", { otherRuntimes: "%4 claude" }) ?? "", /%4 claude/);
  assert.equal(
    messageOf("DUPLICATE", { unit: aUnit({ mainPid: 7 }) }),
    "its pane runs process 1001, and its unit keeps process 7",
  );
  assert.deepEqual(told({ unit: aUnit({ mainPid: 7, sub: "start-post" }) }), [], "while it is being started");
  assert.deepEqual(told({ unit: aUnit({ mainPid: 0 }) }), [], "when systemd names no process");
});

test("an active unit without a living pane is told apart from a living agent", () => {
  const exited = aUnit({ sub: "exited", mainPid: 0 });
  assert.deepEqual(told({ unit: exited, pane: undefined }), ["UNIT_WITHOUT_AGENT"]);
  assert.match(
    messageOf("UNIT_WITHOUT_AGENT", { unit: exited, pane: undefined }) ?? "",
    /active \(exited\).* a session of its name/,
  );
  assert.match(messageOf("UNIT_WITHOUT_AGENT", { pane: aPane({ isDead: true }) }) ?? "", /active \(running\).* its pane/);
  assert.deepEqual(told({ unit: aUnit({ active: "failed" }), pane: undefined }), []);
});

test("messages that can't be typed are told with the reason, and so are hooks that never spoke", () => {
  const quiet = { approvals: [], sessionId: "", pendingMessages: 2, held: "", hookless: "" };
  assert.deepEqual(told({ told: quiet }), []);
  assert.deepEqual(told({ told: { ...quiet, held: "a draft", hookless: "nothing was heard" } }), ["HOOKLESS", "MESSAGE_HELD"]);
  assert.match(
    messageOf("MESSAGE_HELD", { told: { ...quiet, held: "a draft" } }) ?? "",
    /^2 messages are not typed yet: a draft;/,
  );
  assert.equal(messageOf("HOOKLESS", { told: { ...quiet, hookless: "nothing was heard" } }), "nothing was heard");
});

test("a conversation that was lost is told by its id", () => {
  const quiet = { approvals: [], sessionId: "s-2", pendingMessages: 0, held: "", hookless: "" };
  assert.deepEqual(told({ told: { ...quiet, failedSessionId: "" } }), []);
  assert.match(messageOf("RESUME_FAILED", { told: { ...quiet, failedSessionId: "s-1" } }) ?? "", /conversation s-1, and began a/);
});

test("a recording that stopped is one more condition, in its place, of a row that is otherwise the same", () => {
  const before = anAgent({
    conditions: agentConditions({ ...running, drift: "codex", unit: aUnit({ mainPid: 0, sub: "exited" }), pane: undefined }),
  });
  const after = withRecordingStopped(before, "the disk is read-only");
  assert.deepEqual(
    after.conditions.map(({ type }) => type),
    ["DRIFT", "RECORDING_STOPPED", "UNIT_WITHOUT_AGENT"],
  );
  assert.match(after.conditions[1]?.message ?? "", /not recorded.*: the disk is read-only$/);
  assert.deepEqual({ ...after, conditions: before.conditions }, before);
});
