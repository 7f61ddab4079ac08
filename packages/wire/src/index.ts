/** The contract in TypeScript: everything below is generated from proto/ by `npm run generate`. */
// Re-exported whole, because the generated names are the contract and a list kept by hand could only fall behind.
export * from "./gen/grpc/reflection/v1/reflection_pb.ts";
export * from "./gen/health/v1/health_pb.ts";
export * from "./gen/mosaic/fleet/v1/agent_pb.ts";
export * from "./gen/mosaic/fleet/v1/enrolment_pb.ts";
export * from "./gen/mosaic/fleet/v1/errors_pb.ts";
export * from "./gen/mosaic/fleet/v1/events_pb.ts";
export * from "./gen/mosaic/fleet/v1/fleet_service_pb.ts";
export * from "./gen/mosaic/fleet/v1/host_pb.ts";
export * from "./gen/mosaic/fleet/v1/log_pb.ts";
export * from "./gen/mosaic/fleet/v1/presence_pb.ts";
export * from "./gen/mosaic/fleet/v1/receipt_pb.ts";
export * from "./gen/mosaic/fleet/v1/terminal_pb.ts";
export * from "./gen/mosaic/fleet/v1/watch_pb.ts";
