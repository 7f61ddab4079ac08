import { pick } from "@mosaic/testkit";

/** Who is in a simulated fleet and who watches whom. */
export interface Topology {
  readonly nodes: readonly { readonly name: string; readonly tenantId: string; readonly agents: number }[];
  /** Lowest first; members are nodes or aggregators by name. */
  readonly aggregators: readonly { readonly name: string; readonly level: number; readonly members: readonly string[] }[];
  readonly watchers: readonly { readonly name: string; readonly target: string }[];
  /** Entries that logs keep; 0: as many as they do by themselves. */
  readonly logCapacity: number;
  readonly maxDelayMs: number;
}

/** One thing that happens in a plan, at its moment in ms. */
export interface PlannedStep {
  readonly atMs: number;
  readonly what: StepKind;
  /** Random numbers in [0, 1) that choose whom it happens to. */
  readonly luck: readonly [number, number, number];
}

const STEP_WEIGHTS = {
  change: 14,
  burst: 3,
  flood: 1,
  remove: 3,
  "remove-all": 1,
  "cut-one-way": 4,
  "cut-both-ways": 4,
  heal: 5,
  kill: 4,
  "power-off": 2,
  start: 6,
  stop: 3,
  continue: 4,
  reset: 3,
  slow: 2,
  quick: 2,
  stuck: 1,
  "drop-member": 2,
  "add-member": 3,
  "move-member": 2,
  "jump-clock": 1,
  blind: 2,
  see: 2,
  "swap-addresses": 1,
  "lose-change": 2,
  "list-live": 3,
} as const;

export type StepKind = keyof typeof STEP_WEIGHTS;

const STEP_KINDS = Object.entries(STEP_WEIGHTS).flatMap(([kind, weight]) =>
  Array.from({ length: weight }, () => kind as StepKind),
);

/** Draws a fleet of 1 to 5 nodes under 1 to 3 levels of aggregators; some nodes have two ways, some aggregators watch each other. */
export function planTopology(random: () => number): Topology {
  const count = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const nodes = Array.from({ length: count(1, 4) }, (_, index) => ({
    name: `n${index + 1}`,
    tenantId: random() < 0.7 ? "team-a" : "team-b",
    agents: count(0, 3),
  }));
  const levels = pick([1, 1, 2, 2, 2, 3], random);
  const low = Array.from({ length: count(1, 2) }, (_, index) => ({ name: `low${index + 1}`, level: 1, members: [] as string[] }));
  for (const { name } of nodes) {
    const first = pick(low, random);
    for (const each of low) if (each === first || random() < 0.4) each.members.push(name);
  }
  if (low.length === 2 && random() < 0.2) for (const [index, each] of low.entries()) each.members.push(`low${2 - index}`);
  const aggregators = [...low];
  if (levels >= 2) aggregators.push({ name: "mid", level: 2, members: low.map(({ name }) => name) });
  if (levels >= 2 && random() < 0.2) aggregators.at(-1)?.members.push(pick(nodes, random).name);
  if (levels >= 3) aggregators.push({ name: "top", level: 3, members: ["mid", ...(random() < 0.3 ? ["low1"] : [])] });
  // A loop: the lowest watches the highest.
  if (levels >= 2 && random() < 0.2) low[0]?.members.push(aggregators.at(-1)?.name ?? "mid");
  const top = aggregators.at(-1)?.name ?? "low1";
  const watchers = Array.from({ length: count(1, 2) }, (_, index) => ({
    name: `w${index + 1}`,
    target: index === 0 ? top : pick([...aggregators, ...nodes], random).name,
  }));
  return { nodes, aggregators, watchers, logCapacity: pick([8, 32, 8192], random), maxDelayMs: pick([3, 20, 300], random) };
}

/** Draws what happens to it, in order. */
export function planSteps(random: () => number, steps: number): PlannedStep[] {
  let atMs = 500;
  return Array.from({ length: steps }, () => {
    atMs += random() < 0.3 ? random() * 50 : random() * random() * 5000;
    return { atMs: Math.round(atMs), what: pick(STEP_KINDS, random), luck: [random(), random(), random()] };
  });
}
