import { fnv1a64 } from "./digest.ts";

/** Where a reader stands in one log, for one selector. */
export interface ResumePoint {
  readonly epoch: string;
  readonly rev: bigint;
  /** `selectorText` of the watch. */
  readonly selector: string;
}

/** Bytes that a reader hands back; opaque by contract. */
export function encodeResumeToken(point: ResumePoint): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify([VERSION, point.epoch, point.rev.toString(), hashText(point.selector)]));
}

/** What a token means to the log of `epoch` read with `selector`. Never throws: a token comes from outside. */
export function decodeResumeToken(
  token: Uint8Array,
  expected: { readonly epoch: string; readonly selector: string },
): { kind: "resume"; rev: bigint } | { kind: "reset"; reason: "invalid" | "epoch-changed" | "selector-changed" } {
  const parts = parseToken(token);
  if (!parts) return { kind: "reset", reason: "invalid" };
  if (parts.epoch !== expected.epoch) return { kind: "reset", reason: "epoch-changed" };
  if (parts.selectorHash !== hashText(expected.selector)) return { kind: "reset", reason: "selector-changed" };
  return { kind: "resume", rev: parts.rev };
}

function parseToken(token: Uint8Array): { epoch: string; rev: bigint; selectorHash: string } | undefined {
  try {
    const parts: unknown = JSON.parse(decoder.decode(token));
    if (!Array.isArray(parts) || parts.length !== 4) return undefined;
    const [version, epoch, rev, selectorHash]: unknown[] = parts;
    if (version !== VERSION || typeof epoch !== "string" || typeof selectorHash !== "string") return undefined;
    if (typeof rev !== "string" || !/^\d{1,20}$/.test(rev)) return undefined;
    return { epoch, rev: BigInt(rev), selectorHash };
  } catch {
    // Any bytes may arrive here; what is not JSON is simply not a token of ours.
    return undefined;
  }
}

function hashText(text: string): string {
  return fnv1a64(text).toString(16);
}

const VERSION = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
