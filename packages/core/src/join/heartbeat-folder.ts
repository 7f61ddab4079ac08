import { Evidence, HeartbeatStatus } from "@mosaic/wire";
import { type HeartbeatFile, parseHeartbeatFile } from "../health/heartbeat-file.ts";
import { DEFAULT_HEARTBEAT_INTERVAL_MS } from "../health/heartbeat-health.ts";
import type { WatchedFiles } from "../ports/watched-file.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";

/** Heartbeat files end in this. */
const SUFFIX = ".hb";
const MAX_BYTES = 16_384;
/** Files that are read at the same time: as many as Node has threads for, and no more buffers than that. */
const AT_ONCE = 4;
/** A writer may be this much later than it promised before its file is worth a look that nobody asked for. */
const GRACE = 1.2;

/** The heartbeat files of one host, each read again only when there is a reason: 200 agents replace 13 files a second, and
 *  reading all of them each time would be 2,600. */
export class HeartbeatFolder {
  readonly #files: WatchedFiles;
  readonly #directory: string;
  /** By entry; undefined for a file that can't be understood. */
  readonly #readings = new Map<string, HeartbeatReading | undefined>();
  /** The same by agent, as handed out; undefined when it must be made anew. */
  #byAgent: ReadonlyMap<string, HeartbeatReading> | undefined;

  constructor(files: WatchedFiles, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /** True for the name of a heartbeat file. */
  static isEntry(entry: string): boolean {
    return entry.endsWith(SUFFIX);
  }

  /** Reads every file.
   *  @throws MosaicError MACHINE when the folder can't be listed */
  async readAll(): Promise<void> {
    await this.#readListed(() => true);
  }

  /** Lists the folder, and reads what is new in it and what should have been replaced by now: so that a notice that got lost
   *  costs one interval, and a system without notices shows heartbeats all the same.
   *  @throws MosaicError MACHINE when the folder can't be listed */
  async readOverdue(nowUnixMs: number): Promise<void> {
    await this.#readListed((entry) => !this.#readings.has(entry) || isOverdue(this.#readings.get(entry), nowUnixMs));
  }

  /** Reads the named files. */
  async read(entries: Iterable<string>): Promise<void> {
    const waiting = [...entries];
    const readOn = async () => {
      for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) await this.#readOne(entry);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, readOn));
  }

  /** The newest reading of each agent whose file can be understood. The same map until one changes. */
  readings(): ReadonlyMap<string, HeartbeatReading> {
    this.#byAgent ??= new Map(
      [...this.#readings].flatMap(([entry, reading]) => (reading ? [[entry.slice(0, -SUFFIX.length), reading] as const] : [])),
    );
    return this.#byAgent;
  }

  async #readListed(isWanted: (entry: string) => boolean): Promise<void> {
    const entries = await this.#files.list(this.#directory, SUFFIX);
    const there = new Set(entries);
    for (const entry of [...this.#readings.keys()]) if (!there.has(entry)) this.#forget(entry);
    await this.read(entries.filter(isWanted));
  }

  async #readOne(entry: string): Promise<void> {
    try {
      const text = await this.#files.read(`${this.#directory}/${entry}`, MAX_BYTES);
      if (text === undefined) return this.#forget(entry);
      const file = parseHeartbeatFile(text);
      this.#keep(entry, file && readingOf(file));
    } catch {
      // One unreadable file makes one heartbeat unknown; it must not hide the other agents.
      this.#keep(entry, undefined);
    }
  }

  #keep(entry: string, reading: HeartbeatReading | undefined): void {
    this.#readings.set(entry, reading);
    this.#byAgent = undefined;
  }

  #forget(entry: string): void {
    this.#readings.delete(entry);
    this.#byAgent = undefined;
  }
}

// What is stale for good is left to the full re-read: most such files are of agents that were stopped.
function isOverdue(reading: HeartbeatReading | undefined, nowUnixMs: number): boolean {
  if (!reading) return true;
  const ageMs = nowUnixMs - reading.atUnixMs;
  return ageMs > GRACE * reading.intervalMs && ageMs <= 4 * reading.intervalMs;
}

function readingOf(file: HeartbeatFile): HeartbeatReading {
  return {
    atUnixMs: file.atUnixMs,
    intervalMs: file.intervalMs ?? DEFAULT_HEARTBEAT_INTERVAL_MS,
    evidence: file.writer === "sidecar" ? Evidence.SIDECAR : Evidence.FILE,
    status: file.status === "busy" ? HeartbeatStatus.BUSY : HeartbeatStatus.OK,
    pid: file.pid,
    turnId: "",
    waitingFor: "",
    detail: "",
  };
}
