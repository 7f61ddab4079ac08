import { idHashOf } from "./id-hash.ts";
import type { AdvertisedService } from "./provider.ts";

export type DaemonRole = "node" | "aggregator";

/** What a daemon may say of itself to everybody on a link. */
export interface Announcement {
  readonly role: DaemonRole;
  /** The name of its host. */
  readonly host: string;
  /** A node's host id, or an aggregator's own. Only its hash is told. */
  readonly id: string;
  readonly protocolVersion: number;
  readonly port: number;
  /** True: only programs on its own machine can connect. */
  readonly isLoopbackOnly: boolean;
}

/** Puts an announcement into DNS-SD's words: no tenant, no path, no version of the software. The instance ends in a part of
 *  the id's hash, because one host may have a node for each of its tenants, and an aggregator. */
export function toAdvertisedService(announcement: Announcement): AdvertisedService {
  const { role, host, id, protocolVersion, port, isLoopbackOnly } = announcement;
  const hash = idHashOf(id);
  return {
    instance: `${beginningInBytes(host.replaceAll(".", "-"), MAX_HOST_BYTES)}-${hash.slice(0, 8)}`,
    port,
    txt: ["txtvers=1", `proto=${protocolVersion}`, `role=${role}`, `id=${hash}`, ...(isLoopbackOnly ? ["scope=loopback"] : [])],
  };
}

/** A label of DNS has 63 bytes; the hash and its dash take 9. */
const MAX_HOST_BYTES = 54;

function beginningInBytes(text: string, maxBytes: number): string {
  let kept = "";
  for (const character of text) {
    if (Buffer.byteLength(kept + character) > maxBytes) break;
    kept += character;
  }
  return kept;
}
