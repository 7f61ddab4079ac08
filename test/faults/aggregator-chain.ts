import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ExpectedHost, membershipOf } from "./expected-host.ts";
import { FaultDaemon } from "./fault-daemon.ts";
import { FaultLedger } from "./fault-ledger.ts";
import { startFaultNet } from "./fault-net.ts";
import { HostGroup } from "./host-group.ts";

const LEVELS = ["leaf-a", "leaf-b", "middle", "top"] as const;
type Level = (typeof LEVELS)[number];

/** Two groups of simulated hosts, an aggregator over each, one over those two, and one over that. Disposing ends it all. */
export interface AggregatorChain extends AsyncDisposable {
  readonly groups: readonly [HostGroup, HostGroup];
  readonly hosts: readonly ExpectedHost[];
  readonly ledger: FaultLedger;
  readonly aggregators: Readonly<Record<Level, FaultDaemon>>;
  truth(): Promise<ReadonlyMap<string, string>>;
  /** Makes the top a member of the first leaf, which is below it, or undoes that. */
  loop(isLooped: boolean): Promise<void>;
}

/** Starts the chain from below. */
export async function startAggregatorChain(hostsOfEach: number, agents: number): Promise<AggregatorChain> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "mosaic-fault-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, "home"));
    const net = stack.use(await startFaultNet());
    const group = (first: number) => stack.use(new HostGroup({ net, first, count: hostsOfEach, agents }));
    const groups = [group(0), group(hostsOfEach)] as const;
    await Promise.all(groups.map((each) => each.start()));
    const daemon = (name: Level) => {
      return stack.use(
        new FaultDaemon({ net, folder, role: "aggregator", name, flags: ["--listen", `127.0.0.1:${portOf(name)}`] }),
      );
    };
    const aggregators = { "leaf-a": daemon("leaf-a"), "leaf-b": daemon("leaf-b"), middle: daemon("middle"), top: daemon("top") };
    const expect = (who: Level, text: string) => aggregators[who].write("fleet/hosts.yaml", text);
    await expect("leaf-a", membershipOf(groups[0].hosts));
    await expect("leaf-b", membershipOf(groups[1].hosts));
    await expect("middle", aggregatorsAs("leaf-a", "leaf-b"));
    await expect("top", aggregatorsAs("middle"));
    for (const level of LEVELS) await aggregators[level].start();
    return {
      ...{ groups, aggregators, hosts: groups.flatMap((each) => each.hosts), ledger: new FaultLedger() },
      async truth() {
        const rows = await Promise.all(groups.map((each) => each.rows()));
        return new Map(rows.flatMap((each) => Object.entries(each)));
      },
      async loop(isLooped) {
        const own = JSON.parse(membershipOf(groups[0].hosts)) as unknown[];
        const looped = [...own, ...(JSON.parse(aggregatorsAs("top")) as unknown[])];
        await expect("leaf-a", JSON.stringify(isLooped ? looped : own));
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}

function portOf(level: Level): number {
  return 31_000 + LEVELS.indexOf(level);
}

function aggregatorsAs(...levels: readonly Level[]): string {
  return JSON.stringify(
    levels.map((name) => ({ targets: [`127.0.0.1:${portOf(name)}`], labels: { host: name, role: "aggregator" } })),
  );
}
