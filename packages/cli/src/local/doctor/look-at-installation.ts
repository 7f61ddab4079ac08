import { MosaicError } from "@mosaic/core";
import type { FileStep } from "@mosaic/lifecycle";
import type { Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { planChanges } from "../../lifecycle/plan-changes.ts";
import { openHostFleet } from "../open-host-fleet.ts";
import { readFramework } from "../read-framework.ts";

/** Compares what is installed with what an installation would make now, with the addresses that the node has. Changes nothing.
 *  @returns undefined where the fleet is not installed, or can't be planned: the roster's and tmux's own checks tell why */
export async function lookAtInstallation(globals: Invocation["globals"], io: Io): Promise<readonly FileStep[] | undefined> {
  try {
    await using fleet = await openHostFleet({ globals }, io);
    if (!fleet.isInstalled) return undefined;
    return (await planChanges(fleet, await readFramework(), { listen: [], force: true })).steps;
  } catch (thrown) {
    const { code } = MosaicError.from(thrown);
    if (code !== "ROSTER_INVALID" && code !== "MACHINE") throw thrown;
    return undefined;
  }
}
