import type { Endpoint } from "../endpoint.ts";
import type { NameOf } from "./metric-catalogue.ts";

export type MetricLabels = Readonly<Record<string, string>>;

/** One value of a metric, as of now. */
export interface MetricSample {
  /** Default: none. */
  readonly labels?: MetricLabels;
  readonly value: number;
}

/** Where a daemon's metrics go. There is none when nobody asked: then nothing is counted. */
export interface Metrics extends AsyncDisposable {
  /** Where they can be read, at `/metrics`; undefined: they are only sent. */
  readonly endpoint: Endpoint | undefined;
  count(name: NameOf<"counter">, labels: MetricLabels, by?: number): void;
  /** Puts a measurement into a histogram, in the unit of its name. */
  observe(name: NameOf<"histogram">, labels: MetricLabels, value: number): void;
  /** Asks for values whenever metrics are read. One metric has one reader, which must be quick and must not throw. */
  read(name: NameOf<"gauge" | "counter">, read: () => Iterable<MetricSample>): void;
}
