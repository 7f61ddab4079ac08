/** Brings a roster to life on one host: what is installed for it, how an agent is started and ended, the workers of a lane. */
export { type FleetPaths, fleetPaths } from "./fleet-paths.ts";
