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
export {
  askRoots,
  type CallEnrolmentOptions,
  callEnrolment,
  type EnrolmentEndpoint,
  type ToldRoots,
} from "./enrolment/call-enrolment.ts";
export type { EnrolmentCaller, EnrolmentHandlers } from "./enrolment/enrolment-handlers.ts";
export { renewalService } from "./enrolment/renewal-service.ts";
export { type EnrolmentServer, type ServeEnrolmentOptions, serveEnrolment } from "./enrolment/serve-enrolment.ts";
export { fromConnectError, statusNameOf } from "./error-mapping.ts";
export { meterFleet } from "./metrics/meter-fleet.ts";
export type { Metrics } from "./metrics/metrics.ts";
export type { MetricsReaders } from "./metrics/metrics-options.ts";
export { startMetrics } from "./metrics/start-metrics.ts";
export { type DaemonFacts, daemonPresence, presenceWithin } from "./presence/daemon-presence.ts";
export {
  type DialInDoor,
  type DialInDoorOptions,
  type DialledIn,
  type DoorJudge,
  openDialInDoor,
  openReception,
  type Reception,
  type ReceptionOptions,
} from "./reverse/dial-in-door.ts";
export { type DialOut, type DialState, dialOut } from "./reverse/dial-out.ts";
export type { CallContext, FleetHandlers, ListAnswer } from "./server/fleet-handlers.ts";
export { type Admission, CAPABILITY_HEADER, type Caller, type Guard, type GuardedCall, type Scope } from "./server/guard.ts";
export { encodedSize } from "./server/list-response.ts";
export { LiveStreams } from "./server/live-streams.ts";
export { noSuchThing } from "./server/no-such-thing.ts";
export type { RpcServer, TlsServing } from "./server/rpc-server.ts";
export { type ServeFleetOptions, serveFleet } from "./server/serve-fleet.ts";
export {
  type PlainHttpServer,
  type PlainRequest,
  type PlainResponse,
  type ServePlainHttpOptions,
  servePlainHttp,
} from "./server/serve-plain-http.ts";
export type { Takeover } from "./server/takeover.ts";
export { isAboutHost, type SignedRequest, signedJson, signedRequest } from "./signed-request.ts";
export { startTelemetry } from "./telemetry/start-telemetry.ts";
export type { TelemetryEnvironment, TelemetryOptions } from "./telemetry/telemetry-options.ts";
export { lookAtCertificate } from "./tls/look-at-certificate.ts";
export type { Expectation, TlsClientOptions } from "./tls/open-tls.ts";
export { untilAborted } from "./until-aborted.ts";
