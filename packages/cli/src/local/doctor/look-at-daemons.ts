import { MosaicError } from "@mosaic/core";
import { procfsTable, readDaemonRecord } from "@mosaic/host";
import type { FleetPaths } from "@mosaic/lifecycle";
import type { InfoResponseJson } from "@mosaic/wire";
import type { CommandDeps } from "../../command.ts";
import type { DaemonLook, DaemonRole, FleetLook } from "../../doctor/doctor-world.ts";
import type { GlobalOptions } from "../../parse/global-options.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { listFleet } from "../../remote/list-fleet.ts";

/** A daemon on this machine answers in milliseconds; one that needs longer than this is what the doctor is asked about. In ms. */
const OWN_TIMEOUT_MS = 2000;

/** Looks at one of this home's daemons: what it wrote of itself, whether that process is there, whether it answers. */
export async function lookAtDaemon(
  role: DaemonRole,
  { runDirectory }: Pick<FleetPaths, "runDirectory">,
  { timeoutMs = OWN_TIMEOUT_MS }: GlobalOptions,
  { remote }: Pick<CommandDeps, "remote">,
): Promise<DaemonLook> {
  const record = await readDaemonRecord(`${runDirectory}/${role}.json`);
  const argv = record === undefined ? undefined : procfsTable().read(record.pid)?.arguments;
  const isRunning = argv?.some((word) => PROGRAMS[role].test(word)) ?? false;
  try {
    const endpoint = { kind: "unix", path: `${runDirectory}/${role}.sock` } as const;
    const info = await remote.unary<InfoResponseJson>(endpoint, "Info", {}, timeoutMs);
    return { record, isRunning: true, info, silence: undefined };
  } catch (thrown) {
    return { record, isRunning, info: undefined, silence: silenceOf(thrown) };
  }
}

/** Asks whoever serves the fleet here for all it knows. */
export async function lookAtFleet(
  globals: GlobalOptions,
  { remote }: Pick<CommandDeps, "remote">,
): Promise<FleetLook | undefined> {
  const question = { tenants: [], hosts: [], isLive: false, pageSize: 0, timeoutMs: globals.timeoutMs ?? OWN_TIMEOUT_MS };
  try {
    return await askFirst(placesFor("anywhere", globals), (place) => listFleet(remote, place, question));
  } catch (thrown) {
    // That nobody answers is what the checks of the daemons tell.
    silenceOf(thrown);
    return undefined;
  }
}

function silenceOf(thrown: unknown): MosaicError {
  const error = MosaicError.from(thrown);
  if (error.code === "CANCELLED") throw error;
  return error;
}

/** How each daemon is started: bundled, by its link, or as source. */
const PROGRAMS: Readonly<Record<DaemonRole, RegExp>> = {
  node: /(^|\/)(mosaic-node(\.mjs)?|node\/src\/main\.ts)$/,
  aggregator: /(^|\/)(mosaic-aggregator(\.mjs)?|aggregator\/src\/main\.ts)$/,
};
