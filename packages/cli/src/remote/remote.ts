import type { Tracer } from "@mosaic/core/light";
import type { FleetConnection } from "@mosaic/rpc";
import type { Endpoint } from "@mosaic/rpc/plain-unary";

/** How commands reach a FleetService. */
export interface Remote {
  /** Calls one unary method; messages are their JSON forms.
   *  @throws MosaicError, NOT_SERVED only when nothing of ours answers there */
  unary<Res extends object>(endpoint: Endpoint, method: string, request: object, timeoutMs: number): Promise<Res>;
  /** Opens a client for streams, which costs ten times the start-up of a unary call. */
  streams(endpoint: Endpoint): Promise<FleetConnection>;
}

export interface RemoteContext {
  readonly signal: AbortSignal;
  readonly tracer: Tracer;
  readonly traceparent: string | undefined;
  /** Where the caller's own identity is, for daemons with TLS. */
  readonly mosaicHome: string;
  /** What program this is, for whoever asks a daemon who is connected. Default: `cli`. */
  readonly clientKind?: string | undefined;
}
