import { create } from "@bufbuild/protobuf";
import { type Condition, ConditionSchema } from "@mosaic/wire";

/** Less is no matter: nothing is judged by two machines' clocks, only people read them side by side. */
const NOTABLE_SKEW_MS = 2000;

/** Says how far a host's wall clock is from ours, where a person should know.
 *  @param skewMs the host's minus ours at the same moment, in ms; the way of the news makes it some ms too small */
export function clockSkew(skewMs: number): Condition | undefined {
  if (Math.abs(skewMs) <= NOTABLE_SKEW_MS) return undefined;
  const message = `its clock is ${spanText(Math.abs(skewMs) / 1000)} ${skewMs > 0 ? "ahead of" : "behind"} its aggregator's`;
  return create(ConditionSchema, { type: "CLOCK_SKEW", message });
}

// In steps coarse enough that a steady difference stays one piece of news.
function spanText(seconds: number): string {
  if (seconds < 60) return `about ${Math.round(seconds)} s`;
  return seconds < 5400 ? `about ${Math.round(seconds / 60)} min` : `about ${Math.round(seconds / 3600)} h`;
}
