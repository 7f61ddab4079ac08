/** The same FleetService over many nodes or other aggregators, answered from memory. */
export type { Member } from "@mosaic/core/membership";
export {
  type RunningAggregator,
  type StartAggregatorDeps,
  type StartAggregatorOptions,
  startAggregator,
} from "./start-aggregator.ts";
