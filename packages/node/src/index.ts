/** The daemon of one tenant on one host: joins its planes and serves FleetService. */
export { openRoster, type RosterSource } from "./roster-source.ts";
export { type RunningNode, startNode, type StartNodeDeps, type StartNodeOptions } from "./start-node.ts";
