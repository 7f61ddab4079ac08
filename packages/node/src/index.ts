/** The daemon of one tenant on one host: joins its planes and serves FleetService. */
export { openRoster, type RosterSource } from "./roster-source.ts";
export { type RunningNode, type StartNodeDeps, type StartNodeOptions, startNode } from "./start-node.ts";
