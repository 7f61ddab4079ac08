import { create } from "@bufbuild/protobuf";
import { type Agent, AgentSchema, type Condition, ConditionSchema } from "@mosaic/wire";
import type { UnitFacts } from "../ports/units.ts";
import type { AgentTold } from "./agent-told.ts";
import type { RowFacts } from "./row-facts.ts";

/** Restarts in a row from which on an agent is said to crash: one can happen to anybody, and the second is its remedy. */
const LOOP_RESTARTS = 3;

/** What contradicts itself in an agent's facts, or needs a person; ordered by type. */
export function agentConditions(facts: RowFacts): Condition[] {
  const found: [string, string | undefined][] = [
    ["BOOT_ENABLE", wouldNotComeBack(facts) ? bootEnableMessage(facts) : undefined],
    ["CLOCK_SKEW", facts.health === "clock-skew" ? "its heartbeat carries a time in the future" : undefined],
    ["CRASH_LOOP", facts.unit && crashLoop(facts.unit, facts.name)],
    ["DRIFT", facts.drift && `the roster says ${facts.entry?.runtime}, the pane runs ${facts.drift}`],
    ["DUPLICATE", duplicate(facts)],
    ["HOOKLESS", facts.told?.hookless || undefined],
    ["MESSAGE_HELD", facts.told && messageHeld(facts.told)],
    ["ORPHAN", orphan(facts)],
    ["RESUME_FAILED", facts.told && resumeFailed(facts.told)],
    ["UNIT_WITHOUT_AGENT", unitWithoutAgent(facts)],
  ];
  return found.flatMap(([type, message]) => (message === undefined ? [] : create(ConditionSchema, { type, message })));
}

/** The row of an agent whose terminal should be recorded now and is not; conditions stay ordered by type.
 *  @param reason what stopped the recording, for example `cannot record to …: no space is left on the disk` */
export function withRecordingStopped(row: Agent, reason: string): Agent {
  const message = `it is not recorded, and tried again each minute: ${reason}`;
  const stopped = create(ConditionSchema, { type: "RECORDING_STOPPED", message });
  const conditions = [...row.conditions, stopped].sort((a, b) => (a.type < b.type ? -1 : 1));
  return create(AgentSchema, { ...row, conditions });
}

/** True for a core agent that is kept now and would be gone after a reboot. Known only where there is a systemd to ask. */
export function wouldNotComeBack({ entry, unit, pane, hasUnits }: RowFacts): boolean {
  if (!hasUnits || entry?.lifecycle !== "core") return false;
  const runs = unit?.active === "active" || (pane !== undefined && !pane.isDead);
  return runs && unit?.enabled !== "enabled";
}

function bootEnableMessage({ unit }: RowFacts): string {
  const why = unit?.enabled ? `its unit is ${unit.enabled}` : "it has no unit";
  return `runs now, and would not come back after a reboot: ${why}; mosaic fleet install-systemd enables it`;
}

function crashLoop({ active, result, restarts }: UnitFacts, name: string): string | undefined {
  // systemd 252 keeps the last run's result when it gives up, so that the count has to tell.
  const isGivenUp = result === "start-limit-hit" || (active === "failed" && restarts >= LOOP_RESTARTS);
  const isLooping = active === "activating" && restarts >= LOOP_RESTARTS;
  if (!isGivenUp && !isLooping) return undefined;
  const often = restarts === 1 ? "once" : `${restarts} times`;
  const fix = `look with mosaic agent tail ${name}, then: mosaic fleet start ${name}`;
  return isGivenUp ? `systemd gave up after restarting it ${often}; ${fix}` : `systemd restarted it ${often} so far; ${fix}`;
}

function messageHeld({ held, pendingMessages }: AgentTold): string | undefined {
  if (held === "") return undefined;
  const what = pendingMessages === 1 ? "a message is" : `${pendingMessages} messages are`;
  return `${what} not typed yet: ${held}; tried again until they expire`;
}

function resumeFailed({ failedSessionId }: AgentTold): string | undefined {
  if (!failedSessionId) return undefined;
  return `it ended each time it was to go on with its conversation ${failedSessionId}, and began a fresh one`;
}

// Panes that a person split off to look around are no agents; a runtime in one of them is a second agent of the same name.
function duplicate({ otherRuntimes, unit, pane }: RowFacts): string | undefined {
  if (otherRuntimes !== "") return `another runtime runs in its session: ${otherRuntimes}`;
  const isKeptElsewhere =
    unit?.sub === "running" && unit.mainPid > 0 && pane !== undefined && !pane.isDead && unit.mainPid !== pane.pid;
  return isKeptElsewhere ? `its pane runs process ${pane.pid}, and its unit keeps process ${unit.mainPid}` : undefined;
}

function orphan({ entry, pane, unit }: RowFacts): string | undefined {
  if (entry) return undefined;
  return pane ? "a session on the socket that the roster does not name" : `${unit?.unit} runs, and the roster does not name it`;
}

// `active (exited)`, or a process that was left behind: what systemd counts is not the agent.
function unitWithoutAgent({ unit, pane }: RowFacts): string | undefined {
  if (unit?.active !== "active" || (pane && !pane.isDead)) return undefined;
  return `its unit is active (${unit.sub}), and no agent runs in ${pane ? "its pane" : "a session of its name"}`;
}
