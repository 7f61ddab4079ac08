import type { X509Certificate } from "node:crypto";
import type { Log } from "@mosaic/core";
import type { IdentitySource } from "@mosaic/identity/light";
import type { Endpoint } from "../endpoint.ts";
import type { TelemetryOptions } from "../telemetry/telemetry-options.ts";

/** Who may read metrics from another machine, and what they are shown of this one. */
export interface MetricsReaders {
  /** Who this daemon is. */
  readonly identity: IdentitySource;
  /** Looks at what a reader has shown, with each request.
   *  @throws MosaicError IDENTITY_REFUSED for who is not believed, NOT_ALLOWED for who may not */
  readonly assertMayRead: (chain: readonly X509Certificate[]) => unknown;
}

export interface MetricsOptions extends TelemetryOptions {
  /** Where Prometheus may read them: a loopback address, or any with TLS; undefined: nowhere. */
  readonly listen: Endpoint | undefined;
  /** Who may read them over TLS. Absent: nobody. */
  readonly readers?: MetricsReaders | undefined;
  readonly log: Log;
}
