import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { eventually } from "@mosaic/testkit";
import { HostState } from "@mosaic/wire";
import { percentile } from "../bench/figures.ts";
import { publishFigures } from "../publish-figures.ts";
import { type Checker, Findings } from "../simulation/findings.ts";
import type { ExpectedHost } from "./expected-host.ts";
import type { ListProbe } from "./list-probe.ts";
import { stateName } from "./state-name.ts";

/** True: the long form, whose figures are worth publishing. */
export const isLong = process.env["MOSAIC_TEST_LONG"] === "1";

/** A new set of findings, on the clock that the ledger uses. */
export function newFindings(): Findings {
  return new Findings(() => performance.now());
}

/** Fails when a checker found something, or when one of those named looked at nothing: such a run has shown nothing. */
export function assertClean(findings: Findings, checkers: readonly Checker[]): void {
  assert.deepEqual(findings.found, []);
  for (const checker of checkers) assert.ok(findings.looks[checker] > 0, `${checker} looked at nothing`);
}

/** Publishes the figures of an experiment. */
export function publish(context: TestContext, experiment: string, figures: Readonly<Record<string, unknown>>): void {
  publishFigures(context, { experiment, form: isLong ? "long" : "short", ...figures });
}

/** Median, p99 and maximum of times, in whole ms. */
export function spread(samples: readonly number[]): { p50: number; p99: number; max: number } {
  const at = (share: number) => Math.round(percentile(samples, share));
  return { p50: at(0.5), p99: at(0.99), max: Math.round(Math.max(...samples)) };
}

/** Waits until a probe sees every host LIVE. */
export async function allLive({ hosts }: { readonly hosts: readonly ExpectedHost[] }, list: ListProbe): Promise<void> {
  const names = hosts.map(({ name }) => name);
  await eventually("all hosts are LIVE", () => list.shows(names, HostState.LIVE), 60_000).catch((thrown: unknown) => {
    const other = list.last?.hosts.find((host) => host.state !== HostState.LIVE);
    const what = other ? `${other.host} is ${stateName(other.state)}: ${other.detail}` : "nobody answered";
    throw new Error(`not all hosts are LIVE: ${what}`, { cause: thrown });
  });
}
