import type { ConnectRouter } from "@connectrpc/connect";
import type { Log, Tracer } from "@mosaic/core";
import type { Endpoint } from "../endpoint.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { rpcMetricsInterceptor } from "../metrics/rpc-metrics-interceptor.ts";
import { serverTraceInterceptor } from "../trace-interceptors.ts";
import { validationInterceptor } from "../validation-interceptor.ts";
import { authorizationInterceptor } from "./authorization-interceptor.ts";
import { errorInterceptor } from "./error-interceptor.ts";
import type { FleetHandlers } from "./fleet-handlers.ts";
import { fleetRoutes } from "./fleet-routes.ts";
import type { Guard } from "./guard.ts";
import { healthRoutes } from "./health-service.ts";
import type { LiveStreams } from "./live-streams.ts";
import { reflectionRoutes } from "./reflection-service.ts";
import { type RpcServer, startRpcServer, type TlsServing } from "./rpc-server.ts";

export interface ServeFleetOptions {
  readonly handlers: FleetHandlers;
  readonly streams: LiveStreams;
  readonly listen: readonly Endpoint[];
  readonly tracer: Tracer;
  readonly log: Log;
  /** Who this daemon is, where it listens with TLS. */
  readonly tls?: TlsServing | undefined;
  /** Decides who may call what. Absent: everybody who can reach it. */
  readonly guard?: Guard | undefined;
  /** Where calls are counted. Absent: nowhere. */
  readonly metrics?: Metrics | undefined;
  /** How often HTTP/2 clients are pinged, in ms. Default 20 s. */
  readonly pingIntervalMs?: number;
  /** How long a stream may go unread before it is ended, in ms. Default 60 s. */
  readonly unreadTimeoutMs?: number;
}

/** Serves FleetService, health and reflection on every endpoint, in Connect, gRPC and gRPC-Web. Disposing tells those who watch that
 *  it was on purpose.
 *  A call passes: trace, error mapping, authorization, validation, handler. */
export async function serveFleet(options: ServeFleetOptions): Promise<RpcServer> {
  const server = await startRpcServer({
    ...options,
    routes: (router) => allRoutes(router, options),
    interceptors: serverInterceptors(options),
  });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await options.streams.sayGoodbye();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Every route of a daemon. */
export function allRoutes(router: ConnectRouter, options: Pick<ServeFleetOptions, "handlers" | "streams">): void {
  fleetRoutes(router, options.handlers, options.streams);
  healthRoutes(router);
  reflectionRoutes(router);
}

/** Outermost first: metrics and trace see mapped errors, who may not call is not told what is wrong with the request, and validation
 *  errors are mapped like any other. */
export function serverInterceptors(options: Pick<ServeFleetOptions, "tracer" | "log" | "guard" | "metrics">) {
  const { tracer, log, guard, metrics } = options;
  const counting = metrics ? [rpcMetricsInterceptor(metrics)] : [];
  const authorization = guard ? [authorizationInterceptor(guard)] : [];
  return [...counting, serverTraceInterceptor(tracer), errorInterceptor(log), ...authorization, validationInterceptor()];
}
