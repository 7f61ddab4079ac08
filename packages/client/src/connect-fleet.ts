import { type Clock, passThroughTracer } from "@mosaic/core";
import { connectFleet as connectRpc, parseEndpoint } from "@mosaic/rpc";
import type { CallerIdentity } from "./caller-identity.ts";
import type { Fleet } from "./fleet.ts";
import { openFleet } from "./open-fleet.ts";
import { systemClock } from "./system-clock.ts";

export interface ConnectOptions {
  /** `unix:/path`, `http://127.0.0.1:8787` or `https://host:8443`: of a node, or of an aggregator for the whole fleet. */
  readonly endpoint: string;
  /** Who calls; an endpoint with TLS needs it. What it is not allowed, its calls are not either. */
  readonly identity?: CallerIdentity | undefined;
  /** W3C trace context that calls belong to which name none themselves. */
  readonly traceparent?: string | undefined;
  /** Who is speaking, for agents and the audit, for example `billing:nightly`. */
  readonly sourceLabel?: string | undefined;
  /** What program this is, for whoever asks the server who is connected, for example `billing`. Default: not said. */
  readonly clientKind?: string | undefined;
  /** How long an answer may take, in ms. Default 10 s. */
  readonly deadlineMs?: number | undefined;
  /** Default: this machine's. */
  readonly clock?: Clock | undefined;
}

/** Connects to a FleetService. Nothing is opened before the first call, and what was lost is opened again with the next.
 *  @throws MosaicError USAGE or NOT_ALLOWED for an endpoint that can't be used */
export function connectFleet(options: ConnectOptions): Fleet {
  const { identity, traceparent, clientKind, clock = systemClock } = options;
  const connection = connectRpc(parseEndpoint(options.endpoint), {
    tracer: passThroughTracer,
    traceparent,
    clientKind,
    ...(identity ? { tls: { identity } } : {}),
  });
  return openFleet({ connection, clock, identity }, options);
}
