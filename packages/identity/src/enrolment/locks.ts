import type { X509Certificate } from "node:crypto";
import { MosaicError } from "@mosaic/core";
import { BACKDATED_MS } from "../algorithm.ts";
import type { Identity } from "../spiffe-id.ts";
import { pinOf } from "./pin.ts";

/** What a lock is on: `host` by its random id, `key` by the SHA-256 of the public key, `serial` of one certificate, `user` and
 *  `agent` by `<tenant>/<name>`, a whole `tenant`. */
export type LockKind = "host" | "key" | "serial" | "user" | "agent" | "tenant";

/** A pushed denial: whoever it fits may do nothing, however good the certificate. */
export interface Lock {
  readonly kind: LockKind;
  readonly value: string;
  /** For people; may be empty. */
  readonly reason: string;
  readonly atUnixMs: number;
  /** Only certificates that were made up to then: an evicted host that was invited again has a newer one. Absent: all. */
  readonly madeUntilUnixMs?: number | undefined;
}

/** What `$MOSAIC_HOME/fleet/identity/locks.json` holds: `{"locks":[{kind,value,reason,at}],"as_of"}`, times in ms since 1970. */
export interface LockView {
  readonly locks: readonly Lock[];
  /** When who keeps the locks said that these are all, by the clock of who reads them; 0: never. */
  readonly asOfUnixMs: number;
}

/** A view older than this can't be relied on for what changes something, in ms. */
const LOCK_VIEW_STRICT_MS = 5 * 60_000;
export const NO_LOCKS: LockView = { locks: [], asOfUnixMs: 0 };

const KINDS: readonly LockKind[] = ["host", "key", "serial", "user", "agent", "tenant"];

/** Writes a view as {@link parseLocks} reads it; the same locks make the same text. */
export function formatLocks({ locks, asOfUnixMs }: LockView): string {
  const rows = locks.map(({ kind, value, reason, atUnixMs, madeUntilUnixMs }) => ({
    ...{ kind, value, reason, at: atUnixMs },
    ...(madeUntilUnixMs === undefined ? {} : { made_until: madeUntilUnixMs }),
  }));
  return `${JSON.stringify({ locks: rows, as_of: asOfUnixMs })}\n`;
}

/** Reads a view.
 *  @throws MosaicError MACHINE for a text that is none: a lock that is not understood must not be passed over */
export function parseLocks(text: string, what: string): LockView {
  const document = parseJson(text, what);
  const { locks, as_of: asOfUnixMs } = (document ?? {}) as { locks?: unknown; as_of?: unknown };
  if (!Array.isArray(locks) || typeof asOfUnixMs !== "number") throw unreadable(what);
  return { asOfUnixMs, locks: locks.map((lock) => toLock(lock, what)) };
}

/** The lock that fits somebody, or undefined: `leaf` is the certificate that they showed and `identity` what it says. */
export function findLock({ locks }: LockView, identity: Identity, leaf: X509Certificate): Lock | undefined {
  const names = namesOf(identity, leaf);
  const madeAtUnixMs = Date.parse(leaf.validFrom) + BACKDATED_MS;
  return locks.find(
    ({ kind, value, madeUntilUnixMs = Number.POSITIVE_INFINITY }) => names[kind] === value && madeAtUnixMs <= madeUntilUnixMs,
  );
}

/** Refuses to go by a view that is too old for what changes something. Where nobody keeps locks there is none to be too old.
 *  @throws MosaicError NOT_ALLOWED */
export function assertFreshLocks({ asOfUnixMs }: LockView, nowUnixMs: number): void {
  const ageMs = nowUnixMs - asOfUnixMs;
  if (asOfUnixMs === 0 || ageMs <= LOCK_VIEW_STRICT_MS) return;
  const minutes = Math.round(ageMs / 60_000);
  throw new MosaicError(
    "NOT_ALLOWED",
    `this host last heard ${minutes} min ago who is locked out, so nothing is changed from elsewhere`,
    {
      hint: "it has to reach the aggregator that has the fleet's authority (its condition RENEWAL_FAILING says why it does not)",
    },
  );
}

function namesOf(identity: Identity, leaf: X509Certificate): Partial<Record<LockKind, string>> {
  const certificate = { key: pinOf(leaf), serial: leaf.serialNumber.toLowerCase() };
  if (identity.kind === "aggregator") return certificate;
  const tenant = { ...certificate, tenant: identity.tenantId };
  if (identity.kind === "node") return { ...tenant, host: identity.hostId };
  return { ...tenant, [identity.kind]: `${identity.tenantId}/${identity.name}` };
}

function toLock(value: unknown, what: string): Lock {
  const { kind, value: on, reason = "", at, made_until: until } = (value ?? {}) as Record<string, unknown>;
  const isKnown = KINDS.some((each) => each === kind);
  if (!isKnown || typeof on !== "string" || typeof reason !== "string" || typeof at !== "number") throw unreadable(what);
  if (until !== undefined && typeof until !== "number") throw unreadable(what);
  return { kind: kind as LockKind, value: on, reason, atUnixMs: at, ...(until === undefined ? {} : { madeUntilUnixMs: until }) };
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new MosaicError("MACHINE", `${what} is no JSON`, { cause: thrown });
  }
}

function unreadable(what: string): MosaicError {
  return new MosaicError("MACHINE", `${what} holds a lock that is not understood`, {
    hint: "update mosaic on this host; until then nothing that changes something is taken",
  });
}
