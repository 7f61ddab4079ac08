import type { X509Certificate } from "node:crypto";
import { BACKDATED_MS } from "../algorithm.ts";

/** How long after its end a certificate may still be renewed by the same key, in ms: laptops sleep. */
export const LATE_RENEWAL_MS = 30 * 24 * 3_600_000;

/** When to renew a certificate, in ms since 1970: at half of its life, give or take a tenth, so that a fleet that was enrolled in
 *  one hour does not come back in one moment.
 *  @param random from 0 to 1, drawn once for each certificate */
export function renewAtUnixMs(leaf: Pick<X509Certificate, "validFrom" | "validTo">, random: number): number {
  const [fromMs, toMs] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
  // One that an outside authority made need not be backdated.
  const madeAtMs = Math.min(fromMs + BACKDATED_MS, (fromMs + toMs) / 2);
  return Math.round(madeAtMs + (toMs - madeAtMs) * (0.4 + 0.2 * random));
}
