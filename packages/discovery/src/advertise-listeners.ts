import type { DaemonRole } from "./announcement.ts";
import { type OpenProviderDeps, openProvider } from "./open-provider.ts";
import { type Advertising, type StartAdvertisingDeps, startAdvertising } from "./start-advertising.ts";

export type AdvertiseDeps = Pick<OpenProviderDeps, "connectBus"> & Pick<StartAdvertisingDeps, "clock" | "log">;

/** Where a daemon listens; what is not TCP, with TLS or without, is passed over. */
export type Listener =
  | { readonly kind: "unix" }
  | { readonly kind: "tcp" | "tls"; readonly hostname: string; readonly port: number };

/** Announces a daemon's TCP listener until disposed: the first that others can reach, else the first.
 *  @param identity `id` is a node's host id, or an aggregator's own
 *  @throws Error when nothing listens on TCP: nobody should have asked for it then */
export function advertiseListeners(
  deps: AdvertiseDeps,
  identity: { readonly role: DaemonRole; readonly host: string; readonly id: string },
  listeners: readonly Listener[],
): Advertising {
  const tcp = listeners.filter((listener) => listener.kind !== "unix");
  const open = tcp.find(({ hostname }) => !isLoopback(hostname));
  const chosen = open ?? tcp[0];
  if (chosen === undefined) throw new Error("there is no TCP listener to announce");
  return startAdvertising(
    { clock: deps.clock, log: deps.log, openProvider: () => openProvider({ ...deps, random: Math.random }) },
    { ...identity, protocolVersion: PROTOCOL_VERSION, port: chosen.port, isLoopbackOnly: open === undefined },
  );
}

/** `InfoResponse.protocol_version` of this contract. */
const PROTOCOL_VERSION = 1;

function isLoopback(hostname: string): boolean {
  return hostname.startsWith("127.") || hostname === "::1" || hostname === "localhost";
}
