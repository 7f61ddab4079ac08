import type { Agent } from "@mosaic/wire";
import { MosaicError } from "../errors.ts";
import { nearNames } from "../text/near-names.ts";
import { formatAddress, type PartialAddress } from "./parse-address.ts";

/** The part of a row that an address is compared with. */
export type AddressedRow = Pick<Agent, "tenantId" | "host" | "hostId" | "name">;

/** Finds the one agent that a possibly short address means.
 *  @param rows all agents in the caller's scope, any order
 *  @throws MosaicError AGENT_NOT_FOUND with near names, or AGENT_AMBIGUOUS with every candidate. */
export function resolveAddress<Row extends AddressedRow>(rows: readonly Row[], address: PartialAddress): Row {
  const fits = rows.filter((row) => matches(row, address));
  const [only, ...others] = fits;
  if (only && others.length === 0) return only;
  if (only) throw ambiguous(fits, address);
  throw notFound(rows, address);
}

function matches(row: AddressedRow, address: PartialAddress): boolean {
  return (
    row.name === address.name &&
    (address.host === "" || row.host === address.host || row.hostId === address.host) &&
    (address.tenantId === "" || row.tenantId === address.tenantId)
  );
}

function ambiguous(fits: readonly AddressedRow[], address: PartialAddress): MosaicError {
  const names = fits.map(formatAddress);
  return new MosaicError("AGENT_AMBIGUOUS", `"${formatAddress(address)}" fits ${fits.length} agents: ${listOf(names)}`, {
    hint: `say which: ${names[0]}`,
    candidates: fits.slice(0, MAX_NAMED),
  });
}

function notFound(rows: readonly AddressedRow[], address: PartialAddress): MosaicError {
  const near = nearNames(address.name, [...new Set(rows.map((row) => row.name))]);
  const candidates = near.flatMap((name) => rows.filter((row) => row.name === name)).slice(0, MAX_NAMED);
  const hint =
    candidates.length > 0
      ? `did you mean ${listOf(candidates.map(formatAddress))}?`
      : "see what there is: mosaic fleet ps --all-hosts";
  return new MosaicError("AGENT_NOT_FOUND", `no agent "${formatAddress(address)}" among the ${rows.length} in scope`, {
    hint,
    candidates,
  });
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).join(", ");
  return names.length > MAX_NAMED ? `${shown} and ${names.length - MAX_NAMED} more` : shown;
}

const MAX_NAMED = 8;
