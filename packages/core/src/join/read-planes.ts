import { Evidence, HeartbeatStatus } from "@mosaic/wire";
import { type HeartbeatFile, parseHeartbeatFile } from "../health/heartbeat-file.ts";
import { DEFAULT_HEARTBEAT_INTERVAL_MS } from "../health/heartbeat-health.ts";
import type { Clock } from "../ports/clock.ts";
import type { ProcessFacts, ProcessTable } from "../ports/process-table.ts";
import type { PaneFacts, TerminalServer } from "../ports/terminal-server.ts";
import type { WatchedFiles } from "../ports/watched-file.ts";
import type { Roster } from "../roster/roster.ts";
import { believe, type HeartbeatReading } from "./heartbeat-reading.ts";
import type { PlaneReadings } from "./join-planes.ts";

/** The planes of one host, as ports. */
export interface Planes {
  readonly terminal: TerminalServer;
  readonly processes: ProcessTable;
  readonly files: WatchedFiles;
  readonly clock: Clock;
  /** Names what really runs in a pane when that is certainly not the runtime the roster asks for; else undefined. */
  readonly driftOf: (runtime: string, process: ProcessFacts, children: readonly ProcessFacts[]) => string | undefined;
}

export interface ReadPlanesOptions {
  readonly roster: Roster;
  readonly hostId: string;
  /** Folder of the heartbeat files. */
  readonly runDirectory: string;
  /** Heartbeats that came as calls, by agent name; empty without a node. */
  readonly reported: ReadonlyMap<string, HeartbeatReading>;
}

/** Heartbeat files end in this. */
const HEARTBEAT_SUFFIX = ".hb";
const MAX_HEARTBEAT_BYTES = 16_384;

/** Reads every plane once. The number of processes started does not depend on the number of agents.
 *  @throws MosaicError MACHINE when the terminal server or the folder can't be read. */
export async function readPlanes(planes: Planes, options: ReadPlanesOptions, signal: AbortSignal): Promise<PlaneReadings> {
  const [panes, files] = await Promise.all([
    planes.terminal.listPanes(signal),
    readHeartbeatFiles(planes.files, options.runDirectory),
  ]);
  const names = new Set([...files.keys(), ...options.reported.keys()]);
  const heartbeats = new Map<string, HeartbeatReading>();
  for (const name of names) {
    const reading = believe(options.reported.get(name), files.get(name));
    if (reading) heartbeats.set(name, reading);
  }
  const driftIn = (runtime: string, pane: PaneFacts) => {
    const process = pane.pid > 0 ? planes.processes.read(pane.pid) : undefined;
    return process && planes.driftOf(runtime, process, planes.processes.childrenOf(process.pid));
  };
  return { roster: options.roster, hostId: options.hostId, nowUnixMs: planes.clock.nowUnixMs(), panes, heartbeats, driftIn };
}

async function readHeartbeatFiles(files: WatchedFiles, directory: string): Promise<Map<string, HeartbeatReading>> {
  const entries = await files.list(directory, HEARTBEAT_SUFFIX);
  const readings = await Promise.all(entries.map((entry) => readHeartbeatFile(files, `${directory}/${entry}`)));
  const found = new Map<string, HeartbeatReading>();
  entries.forEach((entry, index) => {
    const reading = readings[index];
    if (reading) found.set(entry.slice(0, -HEARTBEAT_SUFFIX.length), reading);
  });
  return found;
}

async function readHeartbeatFile(files: WatchedFiles, path: string): Promise<HeartbeatReading | undefined> {
  try {
    const text = await files.read(path, MAX_HEARTBEAT_BYTES);
    const file = text === undefined ? undefined : parseHeartbeatFile(text);
    return file && readingOf(file);
  } catch {
    // One unreadable file makes one heartbeat unknown; it must not hide the other agents.
    return undefined;
  }
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
