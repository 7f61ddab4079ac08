import { agentOfUnit, MosaicError } from "@mosaic/core";
import { forEachAgent } from "@mosaic/lifecycle";
import type { InstalledFleet } from "./installed-fleet.ts";

/** Ends units: agents a few at once, then the others in the order they are given.
 *  @throws MosaicError UNIT_FAILED naming those agents that did not end; then the others are not touched */
export async function stopUnits({ units }: InstalledFleet, names: readonly string[], signal: AbortSignal): Promise<void> {
  const agents = names.filter((unit) => agentOfUnit(unit) !== undefined);
  const stop = async (unit: string) => {
    await units.stop(unit, signal);
    return "stopped" as const;
  };
  const outcomes = await forEachAgent(agents, stop, () => {}, signal);
  const failed = outcomes.filter(({ outcome }) => outcome === "failed");
  if (failed.length > 0) {
    const [first] = failed;
    throw new MosaicError("UNIT_FAILED", `cannot end ${failed.map(({ name }) => name).join(", ")}: ${first?.detail}`, {
      hint: first?.hint || `systemctl --user status ${first?.name}`,
    });
  }
  for (const unit of names) if (!agents.includes(unit)) await units.stop(unit, signal);
}
