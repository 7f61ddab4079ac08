import type { Identity } from "@mosaic/identity";
import type { CallContext } from "../server/fleet-handlers.ts";

/** The header in which a program says what it is, for people who ask who is connected. Nothing rests on it. */
export const CLIENT_HEADER = "mosaic-client";

/** Who calls, as far as it tells others apart. */
export interface CallerName {
  /** As policies name it; `local` for the host's own user. */
  readonly subject: string;
  /** Empty: an aggregator, or the host's own user. */
  readonly tenantId: string;
  /** What program it says it is. */
  readonly kind: string;
  readonly carrier: "unix" | "loopback" | "tls" | "memory";
  /** Who passes the call on; empty: nobody. */
  readonly relayedBy: string;
}

/** Names the caller of a call.
 *  @param client the header `mosaic-client` */
export function callerName({ caller, carrier }: CallContext, client: string | null, method: string): CallerName {
  const from = carrier === "tcp" ? "loopback" : carrier;
  const said = method === "Heartbeat" ? "hook" : (client ?? "");
  const kind = CLIENT_KIND.test(said) ? said : "service";
  if (caller?.kind !== "peer") return { subject: "local", tenantId: "", kind, carrier: from, relayedBy: "" };
  const { identity, capability } = caller;
  const who = capability?.caller ?? identity;
  return {
    subject: subjectOf(who),
    tenantId: "tenantId" in who ? who.tenantId : "",
    kind: identity.kind === "aggregator" ? "aggregator" : kind,
    carrier: from,
    relayedBy: capability && identity.kind === "aggregator" ? subjectOf(identity) : "",
  };
}

// As policies name it. Not by way of the URI, which is written and read again to be sure of it: this is done for every call.
function subjectOf(identity: Identity): string {
  if (identity.kind === "aggregator") return `aggregator/${identity.id}`;
  if (identity.kind === "node") return `tenant/${identity.tenantId}/host/${identity.hostId}/node`;
  return `tenant/${identity.tenantId}/${identity.kind}/${identity.name}`;
}

const CLIENT_KIND = /^[a-z][a-z0-9-]{0,31}$/;
