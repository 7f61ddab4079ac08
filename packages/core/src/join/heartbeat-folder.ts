import { Evidence, HeartbeatStatus } from "@mosaic/wire";
import { type HeartbeatFile, parseHeartbeatFile } from "../health/heartbeat-file.ts";
import { DEFAULT_HEARTBEAT_INTERVAL_MS } from "../health/heartbeat-health.ts";
import type { WatchedFiles } from "../ports/watched-file.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";

/** Heartbeat files end in this. */
const SUFFIX = ".hb";
const MAX_BYTES = 16_384;
/** A writer may be this much later than it promised before its file is worth a look that nobody asked for. */
const GRACE = 1.2;

/** The heartbeat files of one host, each read again only when there is a reason: 200 agents replace 13 files a second, and
 *  reading all of them each time would be 2,600. */
export class HeartbeatFolder {
  readonly #files: WatchedFiles;
  readonly #directory: string;
  /** By agent. */
  readonly #readings = new Map<string, HeartbeatReading>();

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
    await this.#readListed((entry) => isOverdue(this.#readings.get(agentOf(entry)), nowUnixMs));
  }

  /** Reads the named files. */
  async read(entries: Iterable<string>): Promise<void> {
    for (const entry of entries) await this.#readOne(entry);
  }

  /** The newest reading of each agent whose file can be understood. The same map each time, which later readings change. */
  readings(): ReadonlyMap<string, HeartbeatReading> {
    return this.#readings;
  }

  async #readListed(isWanted: (entry: string) => boolean): Promise<void> {
    const entries = await this.#files.list(this.#directory, SUFFIX);
    const there = new Set(entries.map(agentOf));
    for (const agent of [...this.#readings.keys()]) if (!there.has(agent)) this.#readings.delete(agent);
    await this.read(entries.filter(isWanted));
  }

  async #readOne(entry: string): Promise<void> {
    const reading = await this.#readingIn(entry);
    if (reading) this.#readings.set(agentOf(entry), reading);
    else this.#readings.delete(agentOf(entry));
  }

  async #readingIn(entry: string): Promise<HeartbeatReading | undefined> {
    try {
      const file = parseHeartbeatFile((await this.#files.read(`${this.#directory}/${entry}`, MAX_BYTES)) ?? "");
      return file && readingOf(file);
    } catch {
      // One unreadable file makes one heartbeat unknown; it must not hide the other agents.
      return undefined;
    }
  }
}

function agentOf(entry: string): string {
  return entry.slice(0, -SUFFIX.length);
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
