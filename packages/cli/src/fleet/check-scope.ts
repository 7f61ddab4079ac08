import { MosaicError, nearNames } from "@mosaic/core/light";
import type { HostStatusJson } from "@mosaic/wire";

/** Refuses a selection that names a tenant or host the answer does not know: an empty answer to a misspelt name would look
 *  like a fleet in order.
 *  @param known every host there is, without the selection; asked for only when something is missing
 *  @throws MosaicError USAGE, with near names */
export async function checkScope(
  question: { tenants: readonly string[]; hosts: readonly string[] },
  answered: readonly HostStatusJson[],
  known: () => Promise<readonly HostStatusJson[]>,
): Promise<void> {
  const missingHost = question.hosts.find((name) => !answered.some((host) => host.host === name || host.hostId === name));
  const missingTenant = question.tenants.find((name) => !answered.some((host) => host.tenantId === name));
  const missing = missingTenant ?? missingHost;
  if (missing === undefined) return;
  const all = await known();
  const isTenant = missingTenant !== undefined;
  const names = [...new Set(all.map((host) => (isTenant ? host.tenantId : host.host) ?? ""))];
  if (names.includes(missing) && !isTenant) throw noSuch("host", missing, names, ` of ${question.tenants.join(", ")}`);
  throw noSuch(isTenant ? "tenant" : "host", missing, names, "");
}

function noSuch(kind: string, name: string, names: readonly string[], within: string): MosaicError {
  const near = nearNames(
    name,
    names.filter((each) => each !== name),
  );
  const hint = near.length > 0 ? `did you mean ${near.join(", ")}?` : "see what there is: mosaic host list";
  return new MosaicError("USAGE", `no ${kind} "${name}"${within} in this fleet`, { hint });
}
