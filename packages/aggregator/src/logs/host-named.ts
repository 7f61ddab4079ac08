import { MosaicError, nearNames } from "@mosaic/core";
import type { HostStatus } from "@mosaic/wire";

/** Finds the one host that a name or id means among those that are given.
 *  @throws MosaicError HOST_NOT_FOUND; USAGE when several tenants have one of the name */
export function hostNamed<Host extends Pick<HostStatus, "tenantId" | "host" | "hostId">>(
  hosts: readonly Host[],
  { tenantId, host }: { readonly tenantId: string; readonly host: string },
): Host {
  const meant = hosts.filter((one) => tenantId === "" || one.tenantId === tenantId);
  const [found, ...others] = meant.filter((one) => one.host === host || one.hostId === host);
  if (found && others.length === 0) return found;
  if (found) {
    const fitting = [found, ...others]
      .map((one) => `${one.tenantId}/${one.host} (${one.hostId || "never heard from"})`)
      .join(", ");
    throw new MosaicError("USAGE", `"${host}" fits more than one host: ${fitting}`, { hint: "name its tenant too, or its id" });
  }
  const name = tenantId === "" ? host : `${tenantId}/${host}`;
  const near = nearNames(
    host,
    meant.map((one) => one.host),
  );
  throw new MosaicError("HOST_NOT_FOUND", `no host ${name} is expected here`, {
    hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : "see who is expected: mosaic host list --all-hosts",
  });
}
