/** How each agent runtime is launched and recognised. */
export { type BuildPathOptions, buildPath } from "./build-path.ts";
export type { LaunchContext, RuntimeAdapter, RuntimeLaunch } from "./contract.ts";
export { driftOf } from "./drift.ts";
export { draftOn, recogniseRuntime, runtimeNamed } from "./registry.ts";
