import { readFile } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";
import { writeFileAtomically } from "@mosaic/host";
import type { DemoPlan } from "./demo-plan.ts";

/** One process of a running demo. */
export interface DemoDaemon {
  readonly role: "node" | "aggregator";
  readonly host: string;
  readonly pid: number;
  /** With the pid this names the process for good; undefined where the system does not tell. */
  readonly startTicks: number | undefined;
  /** TCP endpoint of a node; Unix endpoint of the aggregator. */
  readonly endpoint: string;
  readonly home: string;
}

/** A running demo, as `demo.json` in its folder keeps it. */
export interface DemoState {
  readonly plan: DemoPlan;
  /** Of the process that will end the demo when it ends; 0: nobody, the demo runs until `demo down`. */
  readonly ownerPid: number;
  readonly ownerStartTicks: number | undefined;
  readonly daemons: readonly DemoDaemon[];
}

/** Reads the state of a demo.
 *  @throws MosaicError USAGE when there is none in that folder */
export async function readDemoState(directory: string): Promise<DemoState> {
  const state = await findDemoState(directory);
  if (state) return state;
  throw new MosaicError("USAGE", `no demo runs in ${directory}`, { hint: "start one: mosaic demo up" });
}

/** The state of a demo, or undefined when there is none or its file is torn. */
export async function findDemoState(directory: string): Promise<DemoState | undefined> {
  try {
    return JSON.parse(await readFile(statePath(directory), "utf8")) as DemoState;
  } catch {
    // No file: no demo. A torn one can't be: it is replaced as a whole.
    return undefined;
  }
}

export async function writeDemoState(state: DemoState): Promise<void> {
  await writeFileAtomically(statePath(state.plan.directory), `${JSON.stringify(state, null, 2)}\n`, 0o600);
}

function statePath(directory: string): string {
  return `${directory}/demo.json`;
}
