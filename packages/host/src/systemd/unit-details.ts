import type { Clock } from "@mosaic/core";
import { type BusConnection, BusError } from "./bus-connection.ts";
import { RECHECK_AFTER_MS } from "./enablement.ts";
import { asNumber, asText, type LoadedUnit, readUnitProperty } from "./manager-calls.ts";

/** What a service's last run left behind. */
export interface UnitDetails {
  readonly result: string;
  readonly restarts: number;
  readonly mainPid: number;
}

/** A memory of details by unit, kept until a signal says that they may have changed, the unit is seen in another state, or
 *  60 s have passed: somebody else's `reset-failed` sets a running unit's restarts to 0 and tells nobody. */
export interface UnitDetailsMemory {
  /** Asks systemd about those units only that it does not remember; all of them in one go.
   *  @throws ConnectionLost, MosaicError MACHINE */
  read(units: readonly LoadedUnit[]): Promise<ReadonlyMap<string, UnitDetails>>;
  forget(unit: string): void;
  forgetAll(): void;
}

export function createUnitDetails(bus: BusConnection, clock: Clock): UnitDetailsMemory {
  const memory = new Map<string, Remembered>();
  const readOne = (unit: LoadedUnit): Promise<UnitDetails> => {
    const known = memory.get(unit.unit);
    const nowMs = clock.monotonicMs();
    const isFresh = known?.active === unit.active && known.sub === unit.sub && nowMs - known.readAtMs < RECHECK_AFTER_MS;
    if (isFresh) return known.details;
    const details = readDetails(bus, unit);
    const entry = { active: unit.active, sub: unit.sub, readAtMs: nowMs, details };
    // Remembered before the answer is there: a signal that arrives meanwhile makes it forgotten again.
    memory.set(unit.unit, entry);
    details.catch(() => memory.get(unit.unit) === entry && memory.delete(unit.unit));
    return details;
  };
  return {
    async read(units) {
      return new Map(await Promise.all(units.map(async (unit) => [unit.unit, await readOne(unit)] as const)));
    },
    forget: (unit) => void memory.delete(unit),
    forgetAll: () => memory.clear(),
  };
}

interface Remembered {
  readonly active: string;
  readonly sub: string;
  readonly readAtMs: number;
  readonly details: Promise<UnitDetails>;
}

const NONE: UnitDetails = { result: "", restarts: 0, mainPid: 0 };

/** Reads single properties: all of a service's 200 together cost both sides three times as much as these few. */
async function readDetails(bus: BusConnection, { unit, path, active, sub }: LoadedUnit): Promise<UnitDetails> {
  // Other kinds have no process of their own.
  if (!unit.endsWith(".service")) return NONE;
  const ofService = (property: string) => readUnitProperty(bus, path, "Service", property);
  try {
    const [restarts, mainPid, result, leftInactiveAt] = await Promise.all([
      ofService("NRestarts"),
      ofService("MainPID"),
      // systemd (service.c) enters this state with that result only, and leaves it before it sets another one.
      sub === "running" ? "success" : ofService("Result"),
      // A service that never ran says "success" too.
      active === "inactive" ? readUnitProperty(bus, path, "Unit", "InactiveExitTimestampMonotonic") : 1,
    ]);
    const hasRun = asNumber(leftInactiveAt) > 0 || result !== "success";
    return { result: hasRun ? asText(result) : "", restarts: asNumber(restarts), mainPid: asNumber(mainPid) };
  } catch (error) {
    // The unit went away between the list and this.
    if (error instanceof BusError) return NONE;
    throw error;
  }
}
