import type { PaneFacts } from "../ports/terminal-server.ts";
import { BelievedReadings } from "./believed-readings.ts";
import { HeartbeatFolder } from "./heartbeat-folder.ts";
import { PaneProcesses } from "./pane-processes.ts";
import type { PlaneReadings } from "./plane-readings.ts";
import type { Planes, ReadPlanesOptions } from "./planes.ts";
import { noteProgress, type ProgressMemory } from "./progress.ts";
import { UnitSource } from "./unit-source.ts";

export interface PlaneReaderOptions {
  readonly runDirectory: string;
  /** How long a plane is believed that tells of its changes, in ms. Default 5 s. */
  readonly rereadMs?: number | undefined;
  /** How long a reading waits for systemd, in ms. Default 250: longer than it takes to answer, shorter than anybody notices. */
  readonly patienceMs?: number | undefined;
  /** Called when systemd answered after all that no reading waited for any more. */
  readonly onLate?: (() => void) | undefined;
}

/** A plane that is read as a whole. */
export type WholePlane = "terminal" | "units" | "files";

/** systemd and processes are believed this many times longer than tmux: their notices don't get lost, and a look costs more. */
const SLOW = 6;
/** And heartbeat files, of which those that are overdue are looked at anyway. */
const SLOWEST = 12;

/** Reads the planes of one host again and again, each only when it may show something else: after it was expired by an event,
 *  or when it was believed for long enough. What did not change is the same object as before. */
export class PlaneReader {
  readonly #planes: Planes;
  readonly #rereadMs: number;
  readonly #folder: HeartbeatFolder;
  readonly #processes: PaneProcesses;
  readonly #readAtMs = new Map<WholePlane | "overdue", number>();
  #entries = new Set<string>();
  #panes: readonly PaneFacts[] = [];
  readonly #units: UnitSource;
  readonly #believed = new BelievedReadings();
  #progress: ProgressMemory = new Map();

  constructor(planes: Planes, options: PlaneReaderOptions) {
    this.#planes = planes;
    this.#rereadMs = options.rereadMs ?? 5000;
    this.#folder = new HeartbeatFolder(planes.files, options.runDirectory);
    this.#processes = new PaneProcesses(planes, SLOW * this.#rereadMs);
    const { patienceMs = 250, onLate } = options;
    this.#units = new UnitSource(planes.units, planes.clock, { patienceMs, onLate });
  }

  /** Says that a plane may show something else now: the next reading looks at it. */
  expire(plane: WholePlane): void {
    this.#readAtMs.delete(plane);
  }

  /** The same of one file in the folder of heartbeats. @returns false for a file that is no heartbeat */
  expireFile(entry: string): boolean {
    if (!HeartbeatFolder.isEntry(entry)) return false;
    this.#entries.add(entry);
    return true;
  }

  /** In how many ms tmux will have been believed for long enough. */
  get dueInMs(): number {
    const readAtMs = this.#readAtMs.get("terminal") ?? Number.NEGATIVE_INFINITY;
    return Math.max(0, readAtMs + this.#rereadMs - this.#planes.clock.monotonicMs());
  }

  /** Reads what may have changed. Calls must not overlap.
   *  @throws MosaicError MACHINE when the terminal server or the folder can't be read; the next call tries again */
  async read(options: Omit<ReadPlanesOptions, "runDirectory">, signal: AbortSignal): Promise<PlaneReadings> {
    await Promise.all([
      this.#unlessFresh("terminal", 1, () => this.#readTerminal(signal)),
      this.#readUnits(signal),
      this.#readFiles(),
    ]);
    const nowUnixMs = this.#planes.clock.nowUnixMs();
    const heartbeats = this.#believed.of(options.reported, this.#folder.readings());
    this.#progress = noteProgress(this.#progress, heartbeats, nowUnixMs);
    return {
      roster: options.roster,
      hostId: options.hostId,
      nowUnixMs,
      panes: this.#panes,
      units: this.#units.plane,
      heartbeats,
      progress: this.#progress,
      told: options.told,
      driftIn: (runtime, pane) => this.#processes.driftIn(runtime, pane),
      runtimeIn: (pane) => this.#processes.runtimeIn(pane),
    };
  }

  async #readTerminal(signal: AbortSignal): Promise<void> {
    const before = new Map(this.#panes.map((pane) => [paneKey(pane), pane]));
    const panes = await this.#planes.terminal.listPanes(signal);
    this.#panes = panes.map((pane) => kept(before.get(paneKey(pane)), pane));
    this.#processes.keepOnly(panes);
  }

  async #readUnits(signal: AbortSignal): Promise<void> {
    const factor = this.#units.plane.kind === "unreadable" ? 1 : SLOW;
    await this.#unlessFresh("units", factor, async () => {
      if (!(await this.#units.read(signal))) this.expire("units");
    });
  }

  async #readFiles(): Promise<void> {
    const entries = this.#entries;
    this.#entries = new Set();
    await this.#unlessFresh("files", SLOWEST, async () => {
      entries.clear();
      this.#readAtMs.set("overdue", this.#planes.clock.monotonicMs());
      await this.#folder.readAll();
    });
    try {
      await this.#unlessFresh("overdue", 1, () => this.#folder.readOverdue(this.#planes.clock.nowUnixMs()));
    } catch (thrown) {
      // The named files were not read either.
      this.expire("files");
      throw thrown;
    }
    await this.#folder.read(entries);
  }

  // Noted before the reading: what changes during it expires the plane again.
  async #unlessFresh(plane: WholePlane | "overdue", factor: number, read: () => Promise<void>): Promise<void> {
    const nowMs = this.#planes.clock.monotonicMs();
    // A timer may ring a little before its time.
    if (nowMs - (this.#readAtMs.get(plane) ?? Number.NEGATIVE_INFINITY) < factor * this.#rereadMs - 50) return;
    this.#readAtMs.set(plane, nowMs);
    try {
      await read();
    } catch (thrown) {
      this.#readAtMs.delete(plane);
      throw thrown;
    }
  }
}

// A session of a group shows the panes of another one.
function paneKey(pane: PaneFacts): string {
  return `${pane.paneId} ${pane.session}`;
}

/** How far a pane's activity may move before it is worth a row of its own: see rowChanges. */
const ACTIVITY_GRAIN_MS = 5000;

// The pane as it was, when nothing worth telling moved: then its row need not be made again.
function kept(before: PaneFacts | undefined, now: PaneFacts): PaneFacts {
  if (!before) return now;
  const movedMs = now.lastActivityUnixMs - before.lastActivityUnixMs;
  if (movedMs < 0 || movedMs >= ACTIVITY_GRAIN_MS) return now;
  const isSame = PANE_FIELDS.every((field) => before[field] === now[field]);
  return isSame ? before : now;
}

const PANE_FIELDS = [
  "session",
  "paneId",
  "pid",
  "command",
  "isDead",
  "exitStatus",
  "columns",
  "rows",
  "isAlternateScreen",
] as const satisfies readonly (keyof PaneFacts)[];
