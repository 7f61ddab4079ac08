import { create } from "@bufbuild/protobuf";
import {
  hostConditions,
  joinPlanes,
  MosaicError,
  type PlaneReadings,
  type Planes,
  parseRoster,
  type Roster,
  readPlanes,
  silentLog,
} from "@mosaic/core";
import { connectSystemd, connectTmux, loginName, procfsTable, readId, watchedFiles } from "@mosaic/host";
import { driftOf, recogniseRuntime } from "@mosaic/runtimes";
import { type Agent, HostState, type HostStatus, HostStatusSchema } from "@mosaic/wire";
import type { Io } from "../io/io.ts";
import { VERSION } from "../version.ts";

/** This host, looked at without a node. */
export interface DirectHost extends AsyncDisposable {
  /** Reads every plane once. */
  read(signal: AbortSignal): Promise<{ readonly status: HostStatus; readonly rows: readonly Agent[] }>;
  /** Calls back when something on the host may have changed. */
  onChange(listener: () => void): Disposable;
}

const MAX_ROSTER_BYTES = 1024 * 1024;

/** Opens this host's planes as its node would; whoever can read the roster can see the fleet.
 *  @throws MosaicError ROSTER_INVALID when there is no good roster */
export async function openDirectHost(mosaicHome: string, io: Io): Promise<DirectHost> {
  const files = watchedFiles(silentLog);
  const readRoster = async () => rosterOf(await files.read(rosterPath(mosaicHome), MAX_ROSTER_BYTES), mosaicHome, io);
  const { socketName, holderSession } = await readRoster();
  const terminal = connectTmux({ socketName, holderSession, clock: io.clock, log: silentLog });
  const runtimeDirectory = io.env["XDG_RUNTIME_DIR"];
  const units = connectSystemd({ clock: io.clock, log: silentLog, runtimeDirectory });
  const planes: Planes = {
    ...{ terminal, units, processes: procfsTable(), files, clock: io.clock },
    ...{ driftOf, runtimeOf: recogniseRuntime },
  };
  const runDirectory = `${mosaicHome}/fleet/run`;
  return {
    async read(signal) {
      const roster = await readRoster();
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
      return stack;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([terminal, units].map((started) => started[Symbol.asyncDispose]()));
    },
  };
}

function rosterPath(mosaicHome: string): string {
  return `${mosaicHome}/fleet/roster.yaml`;
}

function rosterOf(text: string | undefined, mosaicHome: string, io: Io): Roster {
  const file = rosterPath(mosaicHome);
  if (text !== undefined) return parseRoster(text, { file, defaultTenant: loginName(), defaultHost: io.hostName() });
  throw new MosaicError("ROSTER_INVALID", `no node answers on this host, and there is no roster at ${file}`, {
    hint: "see the whole fleet with --all-hosts; or write a roster (framework/fleet/examples/minimal.yaml), or name its home with --mosaic-home",
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
