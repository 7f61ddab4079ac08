import { MosaicError } from "@mosaic/core/light";
import type { RoleJson } from "@mosaic/wire";

/** A host as it is written on a command line. */
export interface HostName {
  /** Empty: not said. */
  readonly tenantId: string;
  /** A host's name or its id, or an aggregator's name. */
  readonly host: string;
}

/** Parses `tenant/host` or `host`.
 *  @throws MosaicError USAGE for anything else */
export function parseHostName(text: string): HostName {
  const [, tenantId = "", host = ""] = /^(?:([A-Za-z0-9_.-]{1,253})\/)?([A-Za-z0-9_.-]{1,253})$/.exec(text) ?? [];
  if (host !== "") return { tenantId, host };
  const hint = "write tenant/host; see which there are: mosaic host list --all-hosts";
  throw new MosaicError("USAGE", `not a host: ${JSON.stringify(text.slice(0, 200))}`, { hint });
}

/** Writes a host as `parseHostName` reads it. */
export function formatHostName({ tenantId, host }: HostName): string {
  return tenantId === "" ? host : `${tenantId}/${host}`;
}

/** The role that --role names. Absent: not said. */
export function roleOf(flag: string | undefined): { readonly role?: RoleJson } {
  return flag === undefined ? {} : { role: flag === "aggregator" ? "ROLE_AGGREGATOR" : "ROLE_NODE" };
}
