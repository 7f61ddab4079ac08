/** The same FleetService over many nodes or other aggregators, answered from memory. */
export type { Member } from "./membership.ts";
export { type RunningAggregator, startAggregator, type StartAggregatorDeps, type StartAggregatorOptions } from "./start-aggregator.ts";
