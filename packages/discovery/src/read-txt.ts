import type { DaemonRole } from "./announcement.ts";
import { ID_HASH_LENGTH } from "./id-hash.ts";

/** What a daemon says of itself in TXT. Anybody on the link can say anything there: it proves nothing. */
export interface DaemonTxt {
  /** Undefined: it says none that we know. */
  readonly role: DaemonRole | undefined;
  readonly protocolVersion: number | undefined;
  readonly idHash: string | undefined;
  readonly isLoopbackOnly: boolean;
}

/** Reads the TXT record of a service of ours. What is malformed, too much or unknown is as if it were not there; of two
 *  entries with the same key the first counts (RFC 6763, 6.4). Never throws. */
export function readTxt(strings: readonly Uint8Array[]): DaemonTxt {
  const values = new Map<string, string>();
  for (const bytes of strings.slice(0, MAX_ENTRIES)) {
    const [, key, value] = ENTRY.exec(Buffer.from(bytes.subarray(0, MAX_ENTRY_BYTES)).toString("latin1")) ?? [];
    if (key !== undefined && value !== undefined && !values.has(key.toLowerCase())) values.set(key.toLowerCase(), value);
  }
  const role = values.get("role");
  const version = values.get("proto") ?? "";
  const id = values.get("id") ?? "";
  return {
    role: role === "node" || role === "aggregator" ? role : undefined,
    protocolVersion: /^[1-9]\d{0,4}$/.test(version) ? Number(version) : undefined,
    idHash: ID_HASH.test(id) ? id : undefined,
    isLoopbackOnly: values.get("scope") === "loopback",
  };
}

const MAX_ENTRIES = 32;
const MAX_ENTRY_BYTES = 255;
const ENTRY = /^([\x20-\x3c\x3e-\x7e]{1,16})=([\x20-\x7e]{0,64})$/;
const ID_HASH = new RegExp(`^[0-9a-f]{${ID_HASH_LENGTH}}$`);
