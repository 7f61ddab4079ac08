import type { UnitFacts } from "@mosaic/core";
import type { EnabledUnits } from "./enablement.ts";
import { type LoadedUnit, listLoadedUnits } from "./manager-calls.ts";
import type { ManagerSession } from "./manager-session.ts";
import type { UnitDetails } from "./unit-details.ts";

/** Reads every unit that fits one of the patterns and is loaded or enabled, sorted by name. One call in the steady state; in
 *  addition two when enablement may have changed, and two to four for each service that may have changed.
 *  @throws BusError, ConnectionLost, MosaicError MACHINE */
export async function readUnits(session: ManagerSession, patterns: readonly string[]): Promise<readonly UnitFacts[]> {
  // To systemd no pattern means every unit.
  if (patterns.length === 0) return [];
  const [listed, enabledUnits] = await Promise.all([listLoadedUnits(session.bus, patterns), session.enablement.read(patterns)]);
  const loaded = listed.filter(isKnown);
  return joinUnits(loaded, await session.details.read(loaded), enabledUnits);
}

/** Joins what systemd holds with what it would start at the next boot. */
export function joinUnits(
  loaded: readonly LoadedUnit[],
  details: ReadonlyMap<string, UnitDetails>,
  { stateOf, enabled }: EnabledUnits,
): readonly UnitFacts[] {
  const units = new Map<string, UnitFacts>();
  for (const unit of enabled) units.set(unit, { ...AT_REST, unit, enabled: stateOf(unit) });
  for (const { unit, active, sub } of loaded) {
    units.set(unit, { ...AT_REST, ...details.get(unit), unit, active, sub, enabled: stateOf(unit) });
  }
  return [...units.values()].sort((a, b) => (a.unit < b.unit ? -1 : 1));
}

/** What systemd would say of a unit that it does not hold. */
const AT_REST = { active: "inactive", sub: "dead", result: "", restarts: 0, mainPid: 0 } as const;

/** A unit that is only named by another one is listed too. One whose file went away while it runs is still a unit. */
function isKnown({ load, active }: LoadedUnit): boolean {
  return load !== "not-found" || active !== "inactive";
}
