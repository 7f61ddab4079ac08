// A module of its own, because what is imported both statically and by import() would be loaded at start by the bundle.
export { startTelemetry } from "@mosaic/rpc";
