import { MosaicError } from "@mosaic/core";

/** Who a certificate names. The fleet is the trust domain; a tenant is a name, never a uid. */
export type Identity =
  /** The daemon of one tenant on one host. */
  | { readonly kind: "node"; readonly fleet: string; readonly tenantId: string; readonly hostId: string }
  /** A person. */
  | { readonly kind: "user"; readonly fleet: string; readonly tenantId: string; readonly name: string }
  /** Automation. */
  | { readonly kind: "agent"; readonly fleet: string; readonly tenantId: string; readonly name: string }
  | { readonly kind: "aggregator"; readonly fleet: string; readonly id: string };

/** Writes an identity as the one URI of its certificate, for example `spiffe://acme/tenant/team-a/host/4f1c/node`.
 *  @throws MosaicError USAGE when a part has a form that no URI of ours may have */
export function formatIdentity(identity: Identity): string {
  const uri = uriOf(identity);
  if (parseIdentity(uri) === undefined)
    throw new MosaicError("USAGE", `not an identity: ${JSON.stringify(uri.slice(0, 200))}`, {
      hint: "fleets, tenants, names and ids are made of a-z, 0-9 and -; a tenant has at most 32 of them",
    });
  return uri;
}

/** Reads what a certificate's URI says. @returns undefined for any other URI, also for one that is merely written differently */
export function parseIdentity(uri: string): Identity | undefined {
  const [, fleet, path = ""] = /^spiffe:\/\/([a-z0-9][a-z0-9.-]{0,62})\/(.{1,300})$/.exec(uri) ?? [];
  if (fleet === undefined) return undefined;
  const parts = path.split("/");
  const [first, second = "", third, fourth = "", fifth] = parts;
  if (first === "aggregator" && parts.length === 2) return isId(second) ? { kind: "aggregator", fleet, id: second } : undefined;
  if (first !== "tenant" || !TENANT.test(second) || !isId(fourth)) return undefined;
  if (third === "host" && fifth === "node" && parts.length === 5)
    return { kind: "node", fleet, tenantId: second, hostId: fourth };
  if ((third === "user" || third === "agent") && parts.length === 4)
    return { kind: third, fleet, tenantId: second, name: fourth };
  return undefined;
}

/** True for a name that a tenant may have. */
export function isTenantName(text: string): boolean {
  return TENANT.test(text);
}

const TENANT = /^[a-z0-9-]{1,32}$/;

function isId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);
}

function uriOf(identity: Identity): string {
  const domain = `spiffe://${identity.fleet}`;
  switch (identity.kind) {
    case "node":
      return `${domain}/tenant/${identity.tenantId}/host/${identity.hostId}/node`;
    case "user":
    case "agent":
      return `${domain}/tenant/${identity.tenantId}/${identity.kind}/${identity.name}`;
    case "aggregator":
      return `${domain}/aggregator/${identity.id}`;
    default:
      return identity satisfies never;
  }
}
