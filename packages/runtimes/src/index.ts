/** How each agent runtime is launched and recognised. */
export { type BuildPathOptions, buildPath } from "./build-path.ts";
export {
  DEFAULT_SUBMIT,
  type HookEvent,
  type LaunchContext,
  type RuntimeAdapter,
  type RuntimeLaunch,
  type StateReading,
  type SubmitProfile,
} from "./contract.ts";
export { driftOf } from "./drift.ts";
export type { HookFile, HookKit, HookSite } from "./hook-kit.ts";
export { recogniseRuntime, runtimeNamed } from "./registry.ts";
