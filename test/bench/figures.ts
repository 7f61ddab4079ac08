import { cpus, totalmem } from "node:os";

/** One measured figure, printed as one line of JSON. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "ms" | "KiB" | "req/s" | "% of a core" | "processes";
  /** How many single measurements stand behind the value. */
  readonly n: number;
  /** Further statistics in the same unit. */
  readonly spread?: Readonly<Record<string, number>>;
  /** What the physics or the bare platform needs for the same, measured in the same run. */
  readonly floor: { readonly name: string; readonly value: number };
  /** The steering goal, for whoever reads the line; benchmarks never fail on it. */
  readonly goal?: string;
}

/** Prints a figure with its ratio to the floor and the machine it was taken on. */
export function report(figure: Figure): void {
  const ratio = round(figure.value / figure.floor.value);
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  const floor = { ...figure.floor, value: round(figure.floor.value) };
  console.log(JSON.stringify({ ...figure, value: round(figure.value), floor, ratio, machine }));
}

/** The value below which `share` of the samples lie; 0.5 is the median. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Median, p99 and maximum, rounded. */
export function spreadOf(samples: readonly number[]): Record<string, number> {
  return { p50: round(percentile(samples, 0.5)), p99: round(percentile(samples, 0.99)), max: round(Math.max(...samples)) };
}

/** Times one asynchronous piece of work, in ms. */
export async function timed(work: () => Promise<unknown> | unknown): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
