import { create } from "@bufbuild/protobuf";
import {
  type FleetChange,
  type FleetLog,
  joinPlanes,
  type Log,
  MosaicError,
  nextHealthChangeUnixMs,
  type Planes,
  readPlanes,
  rowChanges,
} from "@mosaic/core";
import { ConditionSchema, HostState, type HostStatus, HostStatusSchema } from "@mosaic/wire";
import type { HeartbeatRegistry } from "./heartbeat-registry.ts";
import type { RosterSource } from "./roster-source.ts";

export interface PlaneWatcherDeps {
  readonly planes: Planes;
  readonly roster: RosterSource;
  readonly heartbeats: HeartbeatRegistry;
  readonly fleetLog: FleetLog;
  readonly log: Log;
}

export interface PlaneWatcherOptions {
  readonly hostId: string;
  readonly version: string;
  readonly runDirectory: string;
  /** The slow re-read behind the events, in ms. Default 5 s. */
  readonly rereadMs?: number;
}

/** How long the planes may fail before the host's rows count as stale, in ms. */
const STALE_AFTER_MS = 10_000;

/** Keeps the log equal to what the planes show: reads them on every event, when a heartbeat is about to turn stale, and
 *  every 5 s whatever happens, because an event can be missed. */
export class PlaneWatcher implements AsyncDisposable {
  readonly #deps: PlaneWatcherDeps;
  readonly #options: PlaneWatcherOptions;
  readonly #stop = new AbortController();
  #wake = () => {};
  #isDirty = true;
  /** When the planes were last read well; until then since when they are being read. */
  #lastGoodMs: number;
  #wasRead = false;
  #failure: MosaicError | undefined;
  #reading: Promise<void> | undefined;
  #nextReading: Promise<void> | undefined;
  readonly #loop: Promise<void>;

  constructor(deps: PlaneWatcherDeps, options: PlaneWatcherOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#lastGoodMs = deps.planes.clock.monotonicMs();
    this.#loop = this.#run();
  }

  /** Says that something may have changed. Cheap; many calls make one reading. */
  touch(): void {
    this.#isDirty = true;
    this.#wake();
  }

  /** Resolves when the log shows a reading that began after this call. Callers at the same time share one. */
  async refresh(): Promise<void> {
    // One that runs already may have looked before what this caller wants to see.
    if (this.#reading !== undefined) this.#nextReading ??= this.#reading.then(() => this.#startReading());
    await (this.#nextReading ?? this.#startReading());
  }

  #startReading(): Promise<void> {
    this.#nextReading = undefined;
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** This host's status as of now. */
  status(): HostStatus {
    const { planes, roster, fleetLog } = this.#deps;
    const { tenantId, host } = roster.value;
    const ageMs = this.#failure ? planes.clock.monotonicMs() - this.#lastGoodMs : 0;
    // Planes that were never read say nothing: without this they would pass for an empty host.
    const isStale = this.#failure !== undefined && (ageMs > STALE_AFTER_MS || !this.#wasRead);
    return create(HostStatusSchema, {
      tenantId,
      host,
      hostId: this.#options.hostId,
      state: isStale ? HostState.STALE : HostState.LIVE,
      ageMs: BigInt(Math.round(ageMs)),
      asOfUnixMs: BigInt(planes.clock.nowUnixMs() - Math.round(ageMs)),
      asOfRev: fleetLog.rev,
      code: isStale ? "UNAVAILABLE" : "",
      detail: isStale ? (this.#failure?.message ?? "") : "",
      agentCount: fleetLog.state.rowCountOf({ tenantId, host, hostId: this.#options.hostId }),
      conditions: this.#conditions(),
      version: this.#options.version,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#isDirty = false;
      await this.refresh();
      if (!this.#isDirty) await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    const timer = new AbortController();
    this.#wake = () => timer.abort();
    if (this.#stop.signal.aborted) return;
    await this.#deps.planes.clock.sleep(this.#pauseMs, timer.signal);
  }

  #pauseMs = 0;

  async #read(): Promise<void> {
    const { planes, roster, heartbeats, log } = this.#deps;
    const rereadMs = this.#options.rereadMs ?? 5000;
    this.#pauseMs = rereadMs;
    try {
      const readings = await readPlanes(
        planes,
        {
          roster: roster.value,
          hostId: this.#options.hostId,
          runDirectory: this.#options.runDirectory,
          reported: heartbeats.readings(),
        },
        this.#stop.signal,
      );
      this.#failure = undefined;
      this.#wasRead = true;
      this.#lastGoodMs = planes.clock.monotonicMs();
      const turnsStaleInMs = (nextHealthChangeUnixMs(readings) ?? Number.POSITIVE_INFINITY) - readings.nowUnixMs;
      this.#pauseMs = Math.max(1, Math.min(rereadMs, turnsStaleInMs));
      this.#publish(joinPlanes(readings));
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      if (!this.#failure) log.warn({ error: MosaicError.from(thrown).message }, "planes can't be read");
      this.#failure = MosaicError.from(thrown);
      // Watchers are told of a host gone stale when it does, not with the next slow reading.
      const turnsStaleInMs = this.#lastGoodMs + STALE_AFTER_MS + 1 - planes.clock.monotonicMs();
      if (turnsStaleInMs > 0) this.#pauseMs = Math.min(rereadMs, turnsStaleInMs);
      this.#publish(undefined);
    }
  }

  #publish(rows: ReturnType<typeof joinPlanes> | undefined): void {
    const { fleetLog } = this.#deps;
    const status = this.status();
    const changes: FleetChange[] = this.#isNews(status) ? [{ kind: "host", status }] : [];
    fleetLog.publish(changes);
    if (rows) fleetLog.publish(rowChanges(fleetLog.state, status, rows));
  }

  // Ages and counts move all the time and are told with each answer; a change of log is for what a reader must be told.
  #isNews(status: HostStatus): boolean {
    const told = this.#deps.fleetLog.state.host(status);
    const essence = (host: HostStatus) =>
      JSON.stringify([host.state, host.code, host.detail, host.conditions.map((c) => [c.type, c.message])]);
    return told === undefined || essence(told) !== essence(status);
  }

  #conditions() {
    const found = [];
    const { problem } = this.#deps.roster;
    if (problem)
      found.push(
        create(ConditionSchema, { type: "ROSTER_INVALID", message: `${problem.message}; the last good one is in force` }),
      );
    if (this.#failure) found.push(create(ConditionSchema, { type: "PLANES_UNREADABLE", message: this.#failure.message }));
    return found.sort((a, b) => (a.type < b.type ? -1 : 1));
  }
}
