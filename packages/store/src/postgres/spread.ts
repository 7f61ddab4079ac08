/** A time of about `ms`, ±20 %, so that several who wait don't fall into step.
 *  @param random gives numbers in [0, 1) */
export function spreadMs(ms: number, random: () => number): number {
  return Math.round(ms * (0.8 + 0.4 * random()));
}
