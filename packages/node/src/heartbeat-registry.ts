import { type Clock, DEFAULT_HEARTBEAT_INTERVAL_MS, type HeartbeatReading } from "@mosaic/core";
import { Evidence, type HeartbeatRequest } from "@mosaic/wire";

/** What an agent took, as its own report told. */
export interface AcceptanceReport {
  readonly agent: string;
  readonly textSha256: string;
  readonly turnId: string;
}

/** Names kept at most: a stranger on the socket must not fill the memory with agents that do not exist. */
const MAX_AGENTS = 2000;

/** The newest report of each agent, as it came over FleetService.Heartbeat. Kept in memory: a restarted node learns again
 *  within one interval, and the runtimes write their files besides. */
export class HeartbeatRegistry {
  readonly #readings = new Map<string, HeartbeatReading>();
  readonly #clock: Clock;
  readonly #listeners = new Set<(request: HeartbeatRequest) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Newest reading by agent name. */
  readings(): ReadonlyMap<string, HeartbeatReading> {
    return this.#readings;
  }

  /** Calls back after each report. */
  onReport(listener: (request: HeartbeatRequest) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Takes a report. @returns the interval to ask of the agent, in ms */
  take(request: HeartbeatRequest): number {
    const name = request.agent?.name ?? "";
    const intervalMs = request.intervalMs || DEFAULT_HEARTBEAT_INTERVAL_MS;
    // Taken out first, so that the map's order is by age and the oldest is the one to forget.
    this.#readings.delete(name);
    this.#readings.set(name, {
      atUnixMs: this.#clock.nowUnixMs(),
      intervalMs,
      evidence: Evidence.HOOK,
      status: request.status,
      pid: request.pid,
      turnId: request.turnId,
      waitingFor: request.waitingFor,
      detail: request.detail,
    });
    if (this.#readings.size > MAX_AGENTS) this.#forgetOldest();
    for (const listener of this.#listeners) listener(request);
    return DEFAULT_HEARTBEAT_INTERVAL_MS;
  }

  #forgetOldest(): void {
    const [oldest] = this.#readings.keys();
    if (oldest !== undefined) this.#readings.delete(oldest);
  }
}
