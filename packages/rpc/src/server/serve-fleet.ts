import type { ConnectRouter } from "@connectrpc/connect";
import type { Log, Tracer } from "@mosaic/core";
import type { Endpoint } from "../endpoint.ts";
import { serverTraceInterceptor } from "../trace-interceptors.ts";
import { validationInterceptor } from "../validation-interceptor.ts";
import { errorInterceptor } from "./error-interceptor.ts";
import type { FleetHandlers } from "./fleet-handlers.ts";
import { fleetRoutes } from "./fleet-routes.ts";
import { healthRoutes } from "./health-service.ts";
import type { LiveStreams } from "./live-streams.ts";
import { reflectionRoutes } from "./reflection-service.ts";
import { type RpcServer, startRpcServer } from "./rpc-server.ts";

export interface ServeFleetOptions {
  readonly handlers: FleetHandlers;
  readonly streams: LiveStreams;
  readonly listen: readonly Endpoint[];
  readonly tracer: Tracer;
  readonly log: Log;
  /** How often HTTP/2 clients are pinged, in ms. Default 20 s. */
  readonly pingIntervalMs?: number;
}

/** Serves FleetService, health and reflection on every endpoint, in Connect, gRPC and gRPC-Web.
 *  A call passes: trace, error mapping, validation, handler. */
export function serveFleet(options: ServeFleetOptions): Promise<RpcServer> {
  return startRpcServer({
    ...options,
    routes: (router) => allRoutes(router, options),
    interceptors: serverInterceptors(options),
  });
}

/** Every route of a daemon. */
export function allRoutes(router: ConnectRouter, options: Pick<ServeFleetOptions, "handlers" | "streams">): void {
  fleetRoutes(router, options.handlers, options.streams);
  healthRoutes(router);
  reflectionRoutes(router);
}

/** Outermost first: the trace sees mapped errors, and validation errors are mapped like any other. */
export function serverInterceptors(options: Pick<ServeFleetOptions, "tracer" | "log">) {
  return [serverTraceInterceptor(options.tracer), errorInterceptor(options.log), validationInterceptor()];
}
