import { create } from "@bufbuild/protobuf";
import {
  hostConditions,
  joinPlanes,
  MosaicError,
  noUnits,
  type PlaneReadings,
  type Planes,
  readPlanes,
  readWorkers,
  silentLog,
  type UnitTable,
  withWorkers,
} from "@mosaic/core";
import { connectSystemd, connectTmux, fileStore, procfsTable, readId, watchedFiles } from "@mosaic/host";
import { fleetPaths } from "@mosaic/lifecycle";
import { driftOf, recogniseRuntime } from "@mosaic/runtimes";
import { type Agent, HostState, type HostStatus, HostStatusSchema } from "@mosaic/wire";
import type { Io } from "../io/io.ts";
import { VERSION } from "../version.ts";
import { installedFor } from "./installed-home.ts";
import { rosterReader } from "./read-roster.ts";
import { unitDirectoryOf } from "./unit-directory.ts";

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
  const findRoster = rosterReader(site.rosterPath, io);
  const currentRoster = async () => (await findRoster()) ?? noRoster(site.rosterPath);
  const { socketName, holderSession } = await currentRoster();
  const terminal = connectTmux({ socketName, holderSession, clock: io.clock, log: silentLog });
  const units = await unitsOf(mosaicHome, io);
  const planes: Planes = {
    ...{ terminal, units, processes: procfsTable(), files, clock: io.clock },
    ...{ driftOf, runtimeOf: recogniseRuntime },
  };
  return {
    async read(signal) {
      const roster = withWorkers(await currentRoster(), await readWorkers(files, workersDirectory));
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
      await Promise.all([terminal[Symbol.asyncDispose](), units[Symbol.asyncDispose]?.()]);
    },
  };
}

/** Units of another home have names like ours, and are not about our agents. */
async function unitsOf(mosaicHome: string, io: Io): Promise<UnitTable & Partial<AsyncDisposable>> {
  const installed = await installedFor(fileStore(), unitDirectoryOf(io.env["HOME"] ?? "", io.env), mosaicHome);
  if (installed.kind === "other") return noUnits(`this user's units keep the fleet of ${installed.home}`);
  return connectSystemd({ clock: io.clock, log: silentLog, runtimeDirectory: io.env["XDG_RUNTIME_DIR"] });
}

function noRoster(path: string): never {
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
