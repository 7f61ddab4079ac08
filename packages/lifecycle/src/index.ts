/** Brings a roster to life on one host: what is installed for it, how an agent is started and ended, the workers of a lane. */
export { agentFilePaths, agentFiles } from "./agent-files.ts";
export { applyFiles, compareFiles, type FileStep } from "./file-steps.ts";
export { type FleetPaths, fleetPaths } from "./fleet-paths.ts";
export { forEachAgent } from "./for-each-agent.ts";
export {
  AGGREGATOR_UNIT,
  commandOfUnit,
  type GatewayRole,
  gatewayUnit,
  listenOfUnit,
  moreFlagsOfUnit,
  planGateway,
  SERVED_UNITS,
} from "./gateway-unit.ts";
export { assertOwnUnits, findLeftovers, frameworkFile, type Installation, planInstallation } from "./installation.ts";
export type { LaunchSite } from "./launch-site.ts";
export { planWorker } from "./plan-worker.ts";
export type { PlannedFile } from "./planned-file.ts";
export { originOf } from "./stamp.ts";
export type { Outcome, StartOptions, Supervisor } from "./supervisor.ts";
export { systemdSupervisor } from "./systemd-supervisor.ts";
export { tmuxSupervisor } from "./tmux-supervisor.ts";
export { findOwnUnits, type KeptBecause, planUninstallation, type UninstallStep } from "./uninstallation.ts";
export { AGENT_TEMPLATE, HOLDER_UNIT, homeOfUnit, NODE_UNIT, socketOfUnit, type UnitSite } from "./unit-files.ts";
