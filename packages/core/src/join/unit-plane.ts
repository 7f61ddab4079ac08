import { MosaicError } from "../errors.ts";
import type { UnitFacts, UnitTable } from "../ports/units.ts";
import { AGENT_UNITS } from "../roster/unit-name.ts";

/** What systemd showed of the fleet's units, or why it showed nothing. */
export type UnitPlane =
  | { readonly kind: "units"; readonly byName: ReadonlyMap<string, UnitFacts> }
  /** Nobody keeps units here: a container, macOS. */
  | { readonly kind: "absent"; readonly reason: string }
  /** Somebody does, and did not answer. */
  | { readonly kind: "unreadable"; readonly reason: string };

/** The fleet's units besides those of the agents: what agents and the table depend on. */
export const SERVICE_UNITS: readonly string[] = ["mosaic-tmux-holder.service", "mosaic-node.service"];

/** Stands for the systemd of a host that is known to have none. */
export function noUnits(reason: string): UnitTable {
  return { read: async () => ({ kind: "absent", reason }), onChange: () => ({ [Symbol.dispose]() {} }) };
}

/** Reads the fleet's units in one go. A systemd that fails takes nothing away from what the other planes show.
 *  @throws MosaicError CANCELLED when the signal aborted */
export async function readUnitPlane(units: UnitTable, signal: AbortSignal): Promise<UnitPlane> {
  try {
    const reading = await units.read([AGENT_UNITS, ...SERVICE_UNITS], signal);
    if (reading.kind === "absent") return reading;
    return { kind: "units", byName: new Map(reading.units.map((facts) => [facts.unit, facts])) };
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    if (signal.aborted) throw error;
    return { kind: "unreadable", reason: error.message };
  }
}
