import {
  type AgentReport,
  type AgentSaid,
  type Clock,
  DEFAULT_HEARTBEAT_INTERVAL_MS,
  type HeartbeatReading,
  saidAfter,
} from "@mosaic/core";
import { Evidence, type HeartbeatRequest } from "@mosaic/wire";

/** Names kept at most: a stranger on the socket must not fill the memory with agents that do not exist. */
const MAX_AGENTS = 2000;

/** What each agent last said of itself: over FleetService.Heartbeat, which promises an interval, or by its hooks, which speak when
 *  something happens and hold for as long as their process lives. In memory: a restarted node learns the one again within an
 *  interval, and the other from what it wrote down. */
export class HeartbeatRegistry {
  readonly #said = new Map<string, AgentSaid>();
  readonly #readings = new Map<string, HeartbeatReading>();
  readonly #clock: Clock;
  readonly #listeners = new Set<(agentName: string) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Newest reading by agent name. */
  readings(): ReadonlyMap<string, HeartbeatReading> {
    return this.#readings;
  }

  /** Undefined: nothing was heard of that agent. */
  said(agentName: string): AgentSaid | undefined {
    return this.#said.get(agentName);
  }

  /** Calls back after an agent said something, or what it said was forgotten. */
  onChange(listener: (agentName: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Takes a report that came as a call. @returns the interval to ask of the agent, in ms */
  take(request: HeartbeatRequest): number {
    const name = request.agent?.name ?? "";
    const reading = {
      atUnixMs: this.#clock.nowUnixMs(),
      intervalMs: request.intervalMs || DEFAULT_HEARTBEAT_INTERVAL_MS,
      evidence: Evidence.HOOK,
      status: request.status,
      pid: request.pid,
      turnId: request.turnId,
      waitingFor: request.waitingFor,
      detail: request.detail,
    };
    const sessionId = request.sessionId || (this.#said.get(name)?.sessionId ?? "");
    const promptAtUnixMs = request.accepted.length > 0 ? reading.atUnixMs : this.#said.get(name)?.promptAtUnixMs;
    this.keep(name, { reading, approvals: request.approvals, sessionId, promptAtUnixMs });
    return DEFAULT_HEARTBEAT_INTERVAL_MS;
  }

  /** Takes what a hook told of the process that runs in the agent's pane. @returns what stands then */
  hear(agentName: string, report: AgentReport, origin: { readonly atUnixMs: number; readonly processPid: number }): AgentSaid {
    const before = this.#said.get(agentName);
    const said = saidAfter(before, report, origin);
    if (said !== before) this.keep(agentName, said);
    return said;
  }

  /** Puts what an agent said in place of what was known. */
  keep(agentName: string, said: AgentSaid): void {
    // Taken out first, so that the map's order is by age and the oldest is the one to forget.
    this.#said.delete(agentName);
    this.#readings.delete(agentName);
    this.#said.set(agentName, said);
    this.#readings.set(agentName, said.reading);
    const [oldest] = this.#said.keys();
    if (this.#said.size > MAX_AGENTS && oldest !== undefined) this.#drop(oldest);
    this.#tell(agentName);
  }

  /** Forgets what an agent's hooks said of a process that is gone. What came as a call goes by its own interval. */
  forgetProcess(agentName: string, livePid: number): void {
    const processPid = this.#said.get(agentName)?.reading.processPid;
    if (processPid === undefined || processPid === livePid) return;
    this.#drop(agentName);
    this.#tell(agentName);
  }

  #drop(agentName: string): void {
    this.#said.delete(agentName);
    this.#readings.delete(agentName);
  }

  #tell(agentName: string): void {
    for (const listener of this.#listeners) listener(agentName);
  }
}
