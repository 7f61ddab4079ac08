/** The daemon of one tenant on one host: joins its planes and serves FleetService. */
export { MAX_MESSAGE_BYTES, NODE_CAPABILITIES } from "./node-handlers.ts";
export { openRoster, type RosterSource } from "./roster-source.ts";
export { type RunningNode, startNode, type StartNodeDeps, type StartNodeOptions } from "./start-node.ts";
