import { create } from "@bufbuild/protobuf";
import {
  hostConditions,
  joinPlanes,
  MosaicError,
  type PlaneReadings,
  type Planes,
  type Roster,
  readPlanes,
  readWorkers,
  silentLog,
  withWorkers,
} from "@mosaic/core";
import { connectSystemd, connectTmux, procfsTable, readId, watchedFiles } from "@mosaic/host";
import { fleetPaths } from "@mosaic/lifecycle";
import { driftOf, recogniseRuntime } from "@mosaic/runtimes";
import { type Agent, HostState, type HostStatus, HostStatusSchema } from "@mosaic/wire";
import type { Io } from "../io/io.ts";
import { VERSION } from "../version.ts";
import { findRoster } from "./read-roster.ts";

/** This host, looked at without a node. */
export interface DirectHost extends AsyncDisposable {
  /** Reads every plane once. */
  read(signal: AbortSignal): Promise<{ readonly status: HostStatus; readonly rows: readonly Agent[] }>;
  /** Calls back when something on the host may have changed. */
  onChange(listener: () => void): Disposable;
}

/** Where this host's fleet is. */
export interface DirectSite {
  readonly mosaicHome: string;
  readonly rosterPath: string;
}

/** Opens this host's planes as its node would; whoever can read the roster can see the fleet.
 *  @throws MosaicError ROSTER_INVALID when there is no good roster */
export async function openDirectHost(site: DirectSite, io: Io): Promise<DirectHost> {
  const { mosaicHome, runDirectory, workersDirectory } = fleetPaths(site.mosaicHome);
  const files = watchedFiles(silentLog);
  const { socketName, holderSession } = await rosterAt(site.rosterPath, io);
  const terminal = connectTmux({ socketName, holderSession, clock: io.clock, log: silentLog });
  const runtimeDirectory = io.env["XDG_RUNTIME_DIR"];
  const units = connectSystemd({ clock: io.clock, log: silentLog, runtimeDirectory });
  const planes: Planes = {
    ...{ terminal, units, processes: procfsTable(), files, clock: io.clock },
    ...{ driftOf, runtimeOf: recogniseRuntime },
  };
  return {
    async read(signal) {
      const roster = withWorkers(await rosterAt(site.rosterPath, io), await readWorkers(files, workersDirectory));
      // Empty until a node has run here once: an id is made by the node alone, so that there is only one.
      const hostId = (await readId(`${mosaicHome}/fleet/host_id`)) ?? "";
      const readings = await readPlanes(planes, { roster, hostId, runDirectory, reported: new Map() }, signal);
      const rows = joinPlanes(readings);
      return { status: statusOf(readings, rows.length), rows };
    },
    onChange(listener) {
      const stack = new DisposableStack();
      stack.use(terminal.onChange(listener));
      stack.use(units.onChange(listener));
      stack.use(files.onChange(runDirectory, listener));
      stack.use(files.onChange(workersDirectory, listener));
      return stack;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([terminal, units].map((started) => started[Symbol.asyncDispose]()));
    },
  };
}

async function rosterAt(path: string, io: Io): Promise<Roster> {
  const roster = await findRoster(path, io);
  if (roster !== undefined) return roster;
  throw new MosaicError("ROSTER_INVALID", `no node answers on this host, and there is no roster at ${path}`, {
    hint: "see the whole fleet with --all-hosts; or write a roster (mosaic fleet init --profile minimal --write), or name its home with --mosaic-home",
  });
}

function statusOf({ roster, hostId, nowUnixMs, units }: PlaneReadings, agentCount: number): HostStatus {
  return create(HostStatusSchema, {
    tenantId: roster.tenantId,
    host: roster.host,
    hostId,
    state: HostState.LIVE,
    asOfUnixMs: BigInt(Math.round(nowUnixMs)),
    agentCount,
    conditions: hostConditions(units),
    version: VERSION,
  });
}
