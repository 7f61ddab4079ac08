import { create } from "@bufbuild/protobuf";
import { type Condition, ConditionSchema } from "@mosaic/wire";
import { SERVICE_UNITS, type UnitPlane } from "./unit-plane.ts";

/** What the planes say of the host as a whole, ordered by type. */
export function hostConditions(units: UnitPlane): Condition[] {
  return facts(units).map(([type, message]) => create(ConditionSchema, { type, message }));
}

function facts(units: UnitPlane): [string, string][] {
  switch (units.kind) {
    case "absent":
      return [["NO_SYSTEMD", `agents run without systemd: nothing starts them again (${units.reason})`]];
    case "unreadable":
      return [["SYSTEMD_UNREADABLE", units.reason]];
    case "units": {
      const failed = SERVICE_UNITS.filter((unit) => units.byName.get(unit)?.active === "failed");
      return failed.length === 0 ? [] : [["SERVICE_FAILED", `${failed.join(" and ")} failed, and agents depend on it`]];
    }
    default:
      return units satisfies never;
  }
}
