import { create } from "@bufbuild/protobuf";
import {
  type AgentTold,
  changedRows,
  createRowMemory,
  type FleetChange,
  type FleetLog,
  hostConditions,
  joinPlanes,
  type Log,
  MosaicError,
  nextHealthChangeUnixMs,
  PlaneReader,
  type Planes,
  rowChanges,
} from "@mosaic/core";
import { type Agent, type Condition, ConditionSchema, HostState, type HostStatus, HostStatusSchema } from "@mosaic/wire";
import type { HeartbeatRegistry } from "./heartbeat-registry.ts";
import { RecordingRemarks } from "./recording/recording-remarks.ts";
import type { RosterSource } from "./roster-source.ts";

export interface PlaneWatcherDeps {
  readonly planes: Planes;
  readonly roster: RosterSource;
  readonly heartbeats: HeartbeatRegistry;
  readonly fleetLog: FleetLog;
  readonly log: Log;
  /** Agents that should be recorded and are not, with the reason; read with each reading of the planes. */
  readonly recordingProblems?: () => ReadonlyMap<string, string>;
  /** What else is known of agents; read with each reading of the planes. */
  readonly told?: () => ReadonlyMap<string, AgentTold>;
  /** Why no more messages can be made durable; undefined: they can. Read with each answer. */
  readonly storeProblem?: () => string | undefined;
  /** Why the node is not announced by multicast DNS though it should be; undefined: it is, or need not be. Read with each answer. */
  readonly advertisingProblem?: (() => string | undefined) | undefined;
  /** Why the node has no connection to the aggregator that it dials; undefined: it has, or dials none. Read with each answer. */
  readonly dialProblem?: (() => string | undefined) | undefined;
  /** Why the node's certificate can't be renewed; undefined: it can, or need not. */
  readonly renewalProblem?: (() => string | undefined) | undefined;
}

export interface PlaneWatcherOptions {
  readonly hostId: string;
  readonly version: string;
  readonly runDirectory: string;
  /** The slow re-read of tmux behind the events, in ms; what is surer or costs more is read again less often. Default 5 s. */
  readonly rereadMs?: number;
}

/** How long the planes may fail before the host's rows count as stale, in ms. */
const STALE_AFTER_MS = 10_000;

/** Heartbeat files make at most one reading in this time, in ms: 200 agents replace 13 of them a second, each is good
 *  for 45 s, and whoever has more urgent news reports it in a call. */
const FILE_INTERVAL_MS = 1000;

/** When the next reading is due: when its time has come, soon (heartbeat files changed), or now. */
type Urgency = "in-time" | "soon" | "now";

/** Keeps the log equal to what the planes show: reads a plane on its every event, heartbeat files a little later, joins again
 *  when a heartbeat is about to turn stale, and looks at everything now and then whatever happens, because an event can be
 *  missed. */
export class PlaneWatcher implements AsyncDisposable {
  readonly #deps: PlaneWatcherDeps;
  readonly #options: PlaneWatcherOptions;
  readonly #stop = new AbortController();
  readonly #reader: PlaneReader;
  readonly #memory = createRowMemory();
  readonly #remarks: RecordingRemarks;
  #rows: readonly Agent[] = [];
  #wake = () => {};
  #urgency: Urgency = "in-time";
  /** When the planes were last read well; until then since when they are being read. */
  #lastGoodMs: number;
  #wasRead = false;
  #failure: MosaicError | undefined;
  #planeConditions: readonly Condition[] = [];
  #reading: Promise<void> | undefined;
  #nextReading: Promise<void> | undefined;
  readonly #loop: Promise<void>;

  constructor(deps: PlaneWatcherDeps, options: PlaneWatcherOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#remarks = new RecordingRemarks(deps.recordingProblems ?? (() => new Map()));
    const { runDirectory, rereadMs } = options;
    this.#reader = new PlaneReader(deps.planes, { runDirectory, rereadMs, onLate: () => this.touch() });
    this.#lastGoodMs = deps.planes.clock.monotonicMs();
    this.#loop = this.#run();
  }

  /** Says that something may have changed: a plane, which is read again at once, or (without an argument) the roster or the
   *  reports. Cheap; many calls make one reading. */
  touch(plane?: "terminal" | "units"): void {
    if (plane) this.#reader.expire(plane);
    this.#hurry("now");
  }

  /** Says that an entry in the folder of heartbeats may have changed; undefined: any of them. */
  touchFile(entry: string | undefined): void {
    if (entry === undefined) this.#reader.expire("files");
    else if (!this.#reader.expireFile(entry)) return;
    this.#hurry("soon");
  }

  /** Resolves when the log shows a reading of every plane that began after this call. Callers at the same time share one. */
  async refresh(): Promise<void> {
    for (const plane of ["terminal", "units", "files"] as const) this.#reader.expire(plane);
    await this.#readAgain();
  }

  // One that runs already may have looked before what this caller wants to see.
  async #readAgain(): Promise<void> {
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
    const { clock } = this.#deps.planes;
    while (!this.#stop.signal.aborted) {
      this.#urgency = "in-time";
      await this.#readAgain();
      const readAtMs = clock.monotonicMs();
      for (let ms = this.#pauseMs; ms > 0; ms = readAtMs + this.#pauseMs - clock.monotonicMs()) await this.#sleep(ms);
    }
  }

  async #sleep(ms: number): Promise<void> {
    const timer = new AbortController();
    // With a reason of its own: the platform's would be a new error with a stack each time.
    this.#wake = () => timer.abort("woken");
    await this.#deps.planes.clock.sleep(ms, timer.signal);
  }

  // What is as urgent already needs no waking: most heartbeats come while one is waited for.
  #hurry(urgency: "soon" | "now"): void {
    if (this.#urgency === "now" || this.#urgency === urgency) return;
    this.#urgency = urgency;
    this.#wake();
  }

  get #pauseMs(): number {
    if (this.#urgency === "now" || this.#stop.signal.aborted) return 0;
    return this.#urgency === "soon" ? Math.min(FILE_INTERVAL_MS, this.#nextMs) : this.#nextMs;
  }

  /** When to read next if nothing happens, in ms after the last reading. */
  #nextMs = 0;

  async #read(): Promise<void> {
    const { planes, roster, heartbeats, log } = this.#deps;
    const rereadMs = this.#options.rereadMs ?? 5000;
    this.#nextMs = rereadMs;
    try {
      const readings = await this.#reader.read(
        { roster: roster.value, hostId: this.#options.hostId, reported: heartbeats.readings(), told: this.#deps.told?.() },
        this.#stop.signal,
      );
      this.#failure = undefined;
      this.#wasRead = true;
      this.#lastGoodMs = planes.clock.monotonicMs();
      const turnsStaleInMs = (nextHealthChangeUnixMs(readings) ?? Number.POSITIVE_INFINITY) - readings.nowUnixMs;
      this.#nextMs = Math.max(1, Math.min(this.#reader.dueInMs, turnsStaleInMs));
      this.#planeConditions = hostConditions(readings.units);
      this.#publish(this.#remarks.addTo(joinPlanes(readings, this.#memory)));
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      if (!this.#failure) log.warn({ error: MosaicError.from(thrown).message }, "planes can't be read");
      this.#failure = MosaicError.from(thrown);
      // Watchers are told of a host gone stale when it does, not with the next slow reading.
      const turnsStaleInMs = this.#lastGoodMs + STALE_AFTER_MS + 1 - planes.clock.monotonicMs();
      if (turnsStaleInMs > 0) this.#nextMs = Math.min(rereadMs, turnsStaleInMs);
      this.#publish(undefined);
    }
  }

  #publish(rows: readonly Agent[] | undefined): void {
    const { fleetLog } = this.#deps;
    const status = this.status();
    const changes: FleetChange[] = this.#isNews(status) ? [{ kind: "host", status }] : [];
    fleetLog.publish(changes);
    if (!rows) return;
    fleetLog.publish(this.#changesOf(rows, status));
    this.#rows = rows;
  }

  // Most readings bring a few heartbeats: then the other rows are the same objects as before and need not be looked at.
  #changesOf(rows: readonly Agent[], status: HostStatus): FleetChange[] {
    const { state } = this.#deps.fleetLog;
    const before = this.#rows;
    const isSameFleet = rows.length === before.length && rows.every((row, index) => row.name === before[index]?.name);
    return isSameFleet
      ? changedRows(
          state,
          rows.filter((row, index) => row !== before[index]),
        )
      : rowChanges(state, status, rows);
  }

  // Ages and counts move all the time and are told with each answer; a change of log is for what a reader must be told.
  #isNews(status: HostStatus): boolean {
    const told = this.#deps.fleetLog.state.host(status);
    const essence = (host: HostStatus) =>
      JSON.stringify([host.state, host.code, host.detail, host.conditions.map((c) => [c.type, c.message])]);
    return told === undefined || essence(told) !== essence(status);
  }

  #conditions(): Condition[] {
    const found: Condition[] = [...this.#planeConditions];
    const { problem } = this.#deps.roster;
    if (problem)
      found.push(
        create(ConditionSchema, { type: "ROSTER_INVALID", message: `${problem.message}; the last good one is in force` }),
      );
    if (this.#failure) found.push(create(ConditionSchema, { type: "PLANES_UNREADABLE", message: this.#failure.message }));
    const unheard = this.#deps.advertisingProblem?.();
    if (unheard) found.push(create(ConditionSchema, { type: "NOT_ADVERTISED", message: unheard }));
    const unlinked = this.#deps.dialProblem?.();
    if (unlinked) found.push(create(ConditionSchema, { type: "NOT_DIALLED_OUT", message: unlinked }));
    const unrenewed = this.#deps.renewalProblem?.();
    if (unrenewed) found.push(create(ConditionSchema, { type: "RENEWAL_FAILING", message: unrenewed }));
    const refusal = this.#deps.storeProblem?.();
    if (refusal) found.push(create(ConditionSchema, { type: "STORE_UNAVAILABLE", message: `no message is taken: ${refusal}` }));
    return found.sort((a, b) => (a.type < b.type ? -1 : 1));
  }
}
