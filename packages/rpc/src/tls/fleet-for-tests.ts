import { type KeyObject, X509Certificate } from "node:crypto";
import { MosaicError, passThroughTracer, silentLog } from "@mosaic/core";
import {
  type Credentials,
  createFleetCa,
  type FleetCa,
  fixedIdentity,
  type Identity,
  identityOf,
  issueLeaf,
  newKey,
  publicKeyOf,
} from "@mosaic/identity";
import { stubHandlers } from "@mosaic/testkit";
import type { Endpoint } from "../endpoint.ts";
import type { FleetHandlers } from "../server/fleet-handlers.ts";
import type { Guard } from "../server/guard.ts";
import { LiveStreams } from "../server/live-streams.ts";
import { type ServeFleetOptions, serveFleet } from "../server/serve-fleet.ts";

export const node: Identity = { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "h-1" };
export const aggregator: Identity = { kind: "aggregator", fleet: "acme", id: "agg-1" };
export const ada: Identity = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" };

/** A fleet of certificates that hold now. */
export async function testFleet(name = "acme") {
  const ca = await createFleetCa(name, Date.now());
  const trust = { fleet: name, roots: [ca.root.certificate] };
  const credentialsOf = async (identity: Identity, times: { nowUnixMs?: number; ttlMs?: number } = {}): Promise<Credentials> => {
    const key = newKey();
    const leaf = await issueLeaf(ca.intermediate, {
      ...{ publicKey: publicKeyOf(key), identity: { ...identity, fleet: identity.fleet }, nowUnixMs: Date.now(), ...times },
    });
    return { identity, key, chain: [leaf, ca.intermediate.certificate] };
  };
  const sourceOf = async (identity: Identity, times = {}) => fixedIdentity(trust, await credentialsOf(identity, times));
  return { ca, trust, credentialsOf, sourceOf };
}

/** What somebody shows who is nobody: a leaf of our choice. */
export function shown(leaf: X509Certificate, key: KeyObject, ca?: FleetCa): Credentials {
  return { identity: ada, key, chain: ca ? [leaf, ca.intermediate.certificate] : [leaf] };
}

/** Lets in whom the fleet's certificates name, and nobody else. */
export function certificateGuard(fleet: Awaited<ReturnType<typeof testFleet>>): Guard {
  return {
    async admit({ chain, carrier }) {
      if (carrier !== "tls") return { caller: { kind: "local" } };
      if (!chain) throw new MosaicError("INTERNAL", "a call with TLS has a chain");
      const identity = identityOf(chain, fleet.trust, Date.now());
      return { caller: { kind: "peer", identity } };
    },
  };
}

/** A daemon with TLS on a port of its own. */
export async function serveTls(
  stack: AsyncDisposableStack,
  options: Pick<ServeFleetOptions, "tls" | "guard"> & { handlers?: Partial<FleetHandlers> },
) {
  const streams = new LiveStreams();
  const listen: Endpoint[] = [{ kind: "tls", hostname: "127.0.0.1", port: 0 }];
  const handlers = stubHandlers(options.handlers);
  const server = stack.use(await serveFleet({ ...options, handlers, streams, listen, tracer: passThroughTracer, log: silentLog }));
  const endpoint = server.endpoints[0] as Extract<Endpoint, { kind: "tls" }>;
  return { server, streams, endpoint };
}
