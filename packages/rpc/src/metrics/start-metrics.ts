import { isOtlpAsked } from "../telemetry/signal-variables.ts";
import type { Metrics } from "./metrics.ts";
import { assertMayShow } from "./metrics-endpoint.ts";
import type { MetricsOptions } from "./metrics-options.ts";

/** Starts metrics when a place to read them is named, or the standard variables say where to send them; otherwise loads nothing.
 *  @throws MosaicError NOT_ALLOWED for plain text off loopback and for TLS without an identity, ALREADY_RUNNING when it is taken */
export async function startMetrics(options: MetricsOptions): Promise<Metrics | undefined> {
  const isSent = isOtlpAsked(options.env, "METRICS");
  if (options.listen === undefined && !isSent) return undefined;
  if (options.listen) assertMayShow(options.listen, options.readers);
  const { openMetrics } = await import("./prometheus-metrics.ts");
  return await openMetrics(options, isSent);
}
