import { MosaicError } from "@mosaic/core/light";

/** Parses `500ms`, `5s`, `2m`, `1.5h` or `1d`, to whole ms. A number without a unit is refused: nobody can tell what it meant.
 *  @param what names the value in the error, for example `--timeout`
 *  @param maxMs the longest that is taken; default 24 days, which is as long as a timer can wait
 *  @throws MosaicError USAGE */
export function parseDurationMs(text: string, what: string, maxMs = MAX_TIMER_MS): number {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(text);
  const ms = match ? Math.round(Number(match[1]) * (UNITS_MS[match[2] ?? ""] ?? 0)) : Number.NaN;
  if (Number.isNaN(ms) || ms > maxMs) {
    throw new MosaicError("USAGE", `${what}: not a length of time: ${JSON.stringify(text.slice(0, 80))}`, {
      hint: "write a number and a unit: 500ms, 5s, 2m, 1h",
    });
  }
  return ms;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Timers of Node wrap around beyond this: 24 days. */
const MAX_TIMER_MS = 2_147_483_647;
