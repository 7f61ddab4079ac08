import { PlaneReader } from "./plane-reader.ts";
import type { PlaneReadings } from "./plane-readings.ts";
import type { Planes, ReadPlanesOptions } from "./planes.ts";

/** Who looks once has no second chance: long enough for a machine that is just starting, short enough for a person. */
const PATIENCE_MS = 1500;

/** Reads every plane once. The number of processes started does not depend on the number of agents.
 *  @throws MosaicError MACHINE when the terminal server or the folder can't be read. */
export async function readPlanes(planes: Planes, options: ReadPlanesOptions, signal: AbortSignal): Promise<PlaneReadings> {
  const reader = new PlaneReader(planes, { runDirectory: options.runDirectory, patienceMs: PATIENCE_MS });
  const readings = await reader.read(options, signal);
  // One look can't tell how long something has been as it is.
  return { ...readings, progress: new Map() };
}
