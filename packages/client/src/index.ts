/** A small typed client of FleetService for other services: what the daemons serve, without their protocol. */
export { MosaicError } from "@mosaic/core";
export { type Agent, AgentState, DeliveryState, FailureReason, HostState, type HostStatus, type Receipt } from "@mosaic/wire";
export { type CallerIdentity, callerIdentity, type RenewableIdentity } from "./caller-identity.ts";
export { type ConnectOptions, connectFleet } from "./connect-fleet.ts";
export type {
  CallOptions,
  Fleet,
  FleetAnswer,
  FleetQuestion,
  OutgoingMessage,
  ReceiptsQuestion,
  TailedText,
  WaitOptions,
} from "./fleet.ts";
export type { FleetUpdate } from "./fleet-update.ts";
export { newMessageId } from "./message-id.ts";
// For the command, which signs its own calls.
export { signCall } from "./sign-call.ts";
