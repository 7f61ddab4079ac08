import type { Log } from "@mosaic/core";
import type { Endpoint } from "../endpoint.ts";
import type { TelemetryOptions } from "../telemetry/telemetry-options.ts";

export interface MetricsOptions extends TelemetryOptions {
  /** Where Prometheus may read them; undefined: nowhere. */
  readonly listen: Endpoint | undefined;
  readonly log: Log;
}
