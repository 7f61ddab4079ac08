/** Carries FleetService: servers, clients, interceptors and traces. */
export { absentClient } from "./client/absent-client.ts";
export {
  type ConnectFleetOptions,
  connectFleet,
  connectInMemory,
  type FleetClient,
  type FleetConnection,
  type InMemoryServer,
} from "./client/connect-fleet.ts";
export { type Endpoint, formatEndpoint, parseEndpoint } from "./endpoint.ts";
export { fromConnectError, statusNameOf } from "./error-mapping.ts";
export { type DialInDoor, type DialInDoorOptions, type DialledIn, openDialInDoor } from "./reverse/dial-in-door.ts";
export { type DialOut, type DialState, dialOut } from "./reverse/dial-out.ts";
export type { CallContext, FleetHandlers, ListAnswer } from "./server/fleet-handlers.ts";
export { LiveStreams } from "./server/live-streams.ts";
export type { RpcServer } from "./server/rpc-server.ts";
export { type ServeFleetOptions, serveFleet } from "./server/serve-fleet.ts";
export type { Takeover } from "./server/takeover.ts";
export { startTelemetry } from "./telemetry/start-telemetry.ts";
export type { TelemetryEnvironment, TelemetryOptions } from "./telemetry/telemetry-options.ts";
export { untilAborted } from "./until-aborted.ts";
