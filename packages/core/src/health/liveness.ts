/** What is known of one agent, in the words that `fleet ps` shows. */
export interface LivenessFacts {
  readonly inRoster: boolean;
  /** What it does, in lower case; `STALE` when its host can't be vouched for now. */
  readonly state: string;
  /** What a STALE agent was last seen doing; empty: not known. */
  readonly lastState: string;
  /** Why the state is what it is; may be empty. */
  readonly stateDetail: string;
  /** As the roster asks for it. */
  readonly runtime: string;
  /** What runs instead. Undefined: no drift was seen. */
  readonly drift: string | undefined;
  /** Undefined: there is no session of its name. */
  readonly pane: { readonly isAlive: boolean } | undefined;
  /** Undefined: none was ever seen. */
  readonly heartbeat: HeartbeatFacts | undefined;
  /** What systemd says of its unit. Undefined: systemd was not asked. It never proves life; it only explains a death. */
  readonly unit: { readonly active: string; readonly sub: string; readonly result: string } | undefined;
}

/** An agent's newest heartbeat, as judged now. */
export interface HeartbeatFacts {
  readonly health: string;
  /** `hook`, `file`, `sidecar`, `screen`; `none` is no heartbeat. */
  readonly evidence: string;
  /** Undefined: not known. */
  readonly ageMs: number | undefined;
}

/** Why an agent does not count as live. */
export interface NotLive {
  readonly kind: NotLiveKind;
  /** One clause for people, without a full stop. */
  readonly message: string;
}

export type NotLiveKind =
  /** Nobody can tell now: its host does not answer. */
  | "host-lost"
  | "not-in-roster"
  | "no-session"
  | "process-ended"
  /** Another program runs than the roster asks for. */
  | "drift"
  | "failed"
  | "wedged"
  | "no-heartbeat"
  | "heartbeat-stale"
  | "clock-skew"
  /** A heartbeat that this version can't judge. */
  | "heartbeat-unknown";

/** Says why an agent does not count as live, the most telling reason first; undefined when it is live.
 *
 *  Live means: the roster names it, its pane lives and runs what the roster asks for, a heartbeat of whatever evidence came
 *  in time, and it is not dead, wedged or failed (specification, invariant 3). That its unit is active never counts:
 *  `active (exited)` is the unit of a program that is gone. */
export function whyNotLive(facts: LivenessFacts): NotLive | undefined {
  return hostProblem(facts) ?? paneProblem(facts) ?? workProblem(facts) ?? heartbeatProblem(facts.heartbeat);
}

function hostProblem({ state, lastState, inRoster }: LivenessFacts): NotLive | undefined {
  if (state === "STALE") {
    const was = lastState === "" || lastState === "unknown" ? "" : `; it was ${lastState} when last seen`;
    return { kind: "host-lost", message: `its host can't be vouched for now${was}` };
  }
  return inRoster ? undefined : { kind: "not-in-roster", message: "the roster does not name it" };
}

function paneProblem({ pane, state, stateDetail, unit }: LivenessFacts): NotLive | undefined {
  if (!pane) return { kind: "no-session", message: `no session${unitClause(unit)}` };
  if (pane.isAlive && state !== "dead") return undefined;
  return { kind: "process-ended", message: `${stateDetail || "its process ended"}${unitClause(unit)}` };
}

function workProblem({ drift, runtime, state, stateDetail }: LivenessFacts): NotLive | undefined {
  const why = stateDetail === "" ? "" : `: ${stateDetail}`;
  if (drift !== undefined) return { kind: "drift", message: `runs ${drift} instead of ${runtime}` };
  if (state === "failed") return { kind: "failed", message: `its last turn failed${why}` };
  if (state === "wedged") return { kind: "wedged", message: `its work does not move${why}` };
  return undefined;
}

function heartbeatProblem(heartbeat: HeartbeatFacts | undefined): NotLive | undefined {
  if (!heartbeat || heartbeat.evidence === "none") return { kind: "no-heartbeat", message: "no heartbeat yet" };
  const { health, evidence, ageMs } = heartbeat;
  switch (health) {
    case "healthy":
      return undefined;
    case "stale": {
      const age = ageMs === undefined ? "" : ` is ${Math.floor(ageMs / 1000)} s old and`;
      return { kind: "heartbeat-stale", message: `its last heartbeat (${evidence})${age} is overdue` };
    }
    case "clock-skew":
    case "clock_skew":
      return { kind: "clock-skew", message: "its heartbeat carries a time in the future" };
    default:
      return { kind: "heartbeat-unknown", message: `its heartbeat can't be judged (${health})` };
  }
}

// What systemd thinks of a program that is not there.
function unitClause(unit: LivenessFacts["unit"]): string {
  if (!unit || unit.active === "" || unit.active === "inactive") return "";
  const words = unit.sub === "" ? unit.active : `${unit.active} (${unit.sub})`;
  if (unit.active === "active") return `, although its unit is ${words}`;
  if (unit.active === "activating") return `; its unit is ${words}`;
  const result = unit.result === "" || unit.result === "success" ? "" : `: ${unit.result}`;
  return `; its unit is ${words}${result}`;
}
