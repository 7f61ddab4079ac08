/** How each agent runtime is launched and recognised. */
export type { LaunchContext, RuntimeAdapter, RuntimeLaunch } from "./contract.ts";
export { driftOf } from "./drift.ts";
export { draftOn, runtimeNamed } from "./registry.ts";
