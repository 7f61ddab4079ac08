import type { FleetQuestion } from "./fleet.ts";

/** The contract's form of a question. */
export function toSelector({ tenants = [], hosts = [], names = [] }: FleetQuestion): {
  tenantIds: string[];
  hosts: string[];
  names: string[];
} {
  return { tenantIds: [...tenants], hosts: [...hosts], names: [...names] };
}
