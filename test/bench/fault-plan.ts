import { seededRandom } from "@mosaic/testkit";
import type { Fault } from "./simulated-hosts.ts";

/** One thing that befalls a host. */
export interface PlannedFault {
  /** Since the start of the simulation, in ms. */
  readonly atMs: number;
  readonly host: number;
  readonly fault: Fault;
  readonly forMs: number;
}

const SHORTEST_MS = 5000;
const LONGEST_MS = 30_000;

/** Says what befalls which host when, without end and in the order of time: the same for the same seed, whatever the machine does.
 *  One host may be befallen again while it still suffers; the later fault is then the one that counts. */
export function* planFaults(perSecond: ReadonlyMap<Fault, number>, hosts: number, seed: number): Generator<PlannedFault> {
  const random = seededRandom(seed);
  const kinds = [...perSecond].filter(([, rate]) => rate > 0);
  const total = kinds.reduce((sum, [, rate]) => sum + rate, 0);
  for (let atMs = 0; total > 0; ) {
    // Times between events that don't know of each other.
    atMs += (-Math.log(1 - random()) / total) * 1000;
    const fault = pickByRate(kinds, random() * total);
    const host = Math.floor(random() * hosts);
    yield { atMs, host, fault, forMs: SHORTEST_MS + random() * (LONGEST_MS - SHORTEST_MS) };
  }
}

function pickByRate(kinds: readonly [Fault, number][], at: number): Fault {
  let upTo = 0;
  for (const [fault, rate] of kinds) {
    upTo += rate;
    if (at < upTo) return fault;
  }
  throw new Error(`${at} lies beyond all rates`);
}
