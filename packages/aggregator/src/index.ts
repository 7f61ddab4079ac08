/** The same FleetService over many nodes or other aggregators, answered from memory. */
export type { Member } from "./membership.ts";
export {
  type RunningAggregator,
  type StartAggregatorDeps,
  type StartAggregatorOptions,
  startAggregator,
} from "./start-aggregator.ts";
