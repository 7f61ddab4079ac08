import { type Agent, AgentState, HeartbeatHealth } from "@mosaic/wire";
import { enumName } from "./enum-name.ts";
import type { EventKind, Happening } from "./fleet-event.ts";

/** What of an agent makes an event when it changes. */
export interface AgentSeen {
  /** Without its prefix, for example `DEAD`; empty: nothing tells. */
  readonly state: string;
  /** Why, for people. */
  readonly detail: string;
  /** `HEALTHY`, `STALE`, …; empty: none. */
  readonly heartbeat: string;
  /** Of the pane's first process; 0: none. */
  readonly pid: number;
  /** Conditions by type, with their messages; empty where they are not known. */
  readonly conditions: ReadonlyMap<string, string>;
}

/** What happened, without whom it happened to. */
export type Change = Pick<Happening, "kind" | "from" | "to" | "reason">;

/** Takes out of a row what makes events. */
export function agentSeen({ state, stateDetail, waitingFor, heartbeat, pane, conditions }: Agent): AgentSeen {
  return {
    state: state === AgentState.UNSPECIFIED ? "" : enumName(AgentState, state),
    detail: stateDetail || waitingFor,
    heartbeat: heartbeat ? enumName(HeartbeatHealth, heartbeat.health) : "",
    pid: pane?.alive ? pane.pid : 0,
    conditions: new Map(conditions.map(({ type, message }) => [type, message])),
  };
}

/** True when nothing of a row changed that makes events: most of what changes are heartbeats, and nothing is made for those. */
export function isSameForEvents(before: Agent, after: Agent): boolean {
  return (
    before.state === after.state &&
    before.stateDetail === after.stateDetail &&
    before.heartbeat?.health === after.heartbeat?.health &&
    before.pane?.pid === after.pane?.pid &&
    before.pane?.alive === after.pane?.alive &&
    before.conditions.length === after.conditions.length &&
    before.conditions.every(({ type }, index) => type === after.conditions[index]?.type)
  );
}

/** What happened between two looks at an agent, in the order in which it is told.
 *  @param before undefined: it was not there, or nothing is known of it
 *  @param after undefined: it is not there any more */
export function agentChanges(before: AgentSeen | undefined, after: AgentSeen | undefined): Change[] {
  if (!after) return before ? [{ kind: "agent.removed", from: before.state, to: "", reason: "" }] : [];
  const conditions = conditionChanges(before?.conditions ?? NONE, after.conditions);
  if (!before) return [{ kind: "agent.found", from: "", to: after.state, reason: after.detail }, ...conditions];
  return [...stateChange(before, after), ...heartbeatChange(before, after), ...conditions];
}

/** Which conditions came and went. */
export function conditionChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Change[] {
  const cleared = [...before.keys()].filter((type) => !after.has(type));
  const appeared = [...after].filter(([type]) => !before.has(type));
  return [
    ...cleared.map((type) => ({ kind: "condition.cleared" as const, from: type, to: type, reason: "" })),
    ...appeared.map(([type, reason]) => ({ kind: "condition.appeared" as const, from: "", to: type, reason })),
  ];
}

/** What is known after `after`, where it tells nothing of the agent's state: that it is as it was. */
export function stillSeen(before: AgentSeen | undefined, after: AgentSeen): AgentSeen {
  if (after.state !== "" || !before) return after;
  return { ...after, state: before.state };
}

function stateChange(before: AgentSeen, after: AgentSeen): Change[] {
  if (after.state !== "" && before.state !== after.state) {
    const kind = kindOfState(before.state, after.state);
    if (kind) return [{ kind, from: before.state, to: after.state, reason: after.detail }];
  }
  const isOther = before.pid !== 0 && after.pid !== 0 && before.pid !== after.pid;
  if (!isOther) return [];
  const reason = `process ${before.pid} is gone, ${after.pid} runs in its place`;
  return [{ kind: "agent.restarted", from: before.state, to: after.state || before.state, reason }];
}

// Turns begin and end all day: that is no event, and stands in traces.
function kindOfState(before: string, after: string): EventKind | undefined {
  if (after === "DEAD") return "agent.died";
  if (before === "DEAD") return "agent.started";
  const trouble = TROUBLE[after];
  if (trouble) return trouble;
  return before in TROUBLE ? "agent.recovered" : undefined;
}

const TROUBLE: Readonly<Record<string, EventKind>> = {
  FAILED: "agent.failed",
  WEDGED: "agent.wedged",
  WAITING: "agent.waiting",
};

// Of an agent that is dead nobody expects a heartbeat.
function heartbeatChange(before: AgentSeen, after: AgentSeen): Change[] {
  const [from, to] = [before.heartbeat, after.heartbeat];
  if (from === to || after.state === "DEAD") return [];
  if (to === "STALE") return [{ kind: "agent.stale", from, to, reason: "its last heartbeat is older than three intervals" }];
  return from === "STALE" && to === "HEALTHY" ? [{ kind: "agent.fresh", from, to, reason: "" }] : [];
}

const NONE: ReadonlyMap<string, string> = new Map();
