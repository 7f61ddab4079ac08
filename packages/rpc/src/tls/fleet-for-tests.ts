import type { KeyObject, X509Certificate } from "node:crypto";
import { MosaicError, passThroughTracer, silentLog } from "@mosaic/core";
import {
  CertifiedCallers,
  type Credentials,
  createFleetCa,
  type FleetCa,
  fixedIdentity,
  type Identity,
  issueLeaf,
  NO_LOCKS,
  newKey,
  publicKeyOf,
  untilRefused,
} from "@mosaic/identity";
import { realClock, stubHandlers } from "@mosaic/testkit";
import type { Endpoint } from "../endpoint.ts";
import type { FleetHandlers } from "../server/fleet-handlers.ts";
import type { Guard } from "../server/guard.ts";
import { LiveStreams } from "../server/live-streams.ts";
import { type ServeFleetOptions, serveFleet } from "../server/serve-fleet.ts";

export const node = { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "h-1" } as const satisfies Identity;
export const aggregator = { kind: "aggregator", fleet: "acme", id: "agg-1" } as const satisfies Identity;
export const ada = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" } as const satisfies Identity;

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

/** Lets in whom the fleet's certificates name, for as long as they hold, and nobody else. */
export function certificateGuard({ trust }: Awaited<ReturnType<typeof testFleet>>): Guard {
  const callers = new CertifiedCallers({ identity: { trust }, locks: () => NO_LOCKS, clock: realClock });
  return {
    async admit({ chain, carrier }) {
      if (carrier !== "tls") return { caller: { kind: "local" } };
      if (!chain) throw new MosaicError("INTERNAL", "a call with TLS has a chain");
      const { identity } = callers.of(chain);
      const noChange = () => ({ [Symbol.dispose]: () => {} });
      return {
        caller: { kind: "peer", identity },
        over: (stop) => untilRefused(() => callers.of(chain), noChange, realClock, stop),
      };
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
  const server = stack.use(
    await serveFleet({ ...options, handlers, streams, listen, tracer: passThroughTracer, log: silentLog }),
  );
  const endpoint = server.endpoints[0] as Extract<Endpoint, { kind: "tls" }>;
  return { server, streams, endpoint };
}
