import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ExpectedHost, membershipOf } from "./expected-host.ts";
import { FaultDaemon } from "./fault-daemon.ts";
import { FaultLedger } from "./fault-ledger.ts";
import { type CutWay, type FaultNet, startFaultNet } from "./fault-net.ts";
import { HostGroup } from "./host-group.ts";

export interface FaultFleetOptions {
  /** How many hosts are in each process. */
  readonly groups: readonly number[];
  /** Of each host. */
  readonly agents: number;
}

/** A real aggregator over simulated hosts, in a network of its own, and a ledger of what was done to them. Disposing ends it all. */
export interface FaultFleet extends AsyncDisposable {
  readonly net: FaultNet;
  /** Private to the test. */
  readonly folder: string;
  readonly groups: readonly HostGroup[];
  readonly hosts: readonly ExpectedHost[];
  readonly aggregator: FaultDaemon;
  readonly ledger: FaultLedger;
  /** Expects these hosts too from now on, besides the simulated ones. */
  expect(more: readonly ExpectedHost[]): Promise<void>;
  /** Loses packets between the aggregator and these hosts. */
  cut(hosts: readonly ExpectedHost[], way: CutWay): Promise<void>;
  heal(hosts: readonly ExpectedHost[]): Promise<void>;
  /** Rows change that often, in the whole fleet. */
  churn(perSecond: number): void;
  /** What every host that runs holds now. */
  truth(): Promise<ReadonlyMap<string, string>>;
}

/** Starts the hosts and the aggregator; it serves when this resolves, and may still be warming. */
export async function startFaultFleet(options: FaultFleetOptions): Promise<FaultFleet> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "mosaic-fault-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, "home"));
    const net = stack.use(await startFaultNet());
    const groups = groupsOf(net, options).map((group) => stack.use(group));
    await Promise.all(groups.map((group) => group.start()));
    const hosts = groups.flatMap((group) => group.hosts);
    const aggregator = stack.use(new FaultDaemon({ net, folder, role: "aggregator", name: "aggregator" }));
    await aggregator.write("fleet/hosts.yaml", membershipOf(hosts));
    await aggregator.start();
    const ledger = new FaultLedger();
    return {
      ...{ net, folder, groups, hosts, aggregator, ledger },
      expect: (more) => aggregator.write("fleet/hosts.yaml", membershipOf([...hosts, ...more])),
      async cut(which, way) {
        await net.cut(
          which.map(({ port }) => port),
          way,
        );
        // What the host still sends goes through when only the other way is cut.
        if (way !== "to") ledger.silence(which.map(({ name }) => name));
      },
      async heal(which) {
        ledger.release(which.map(({ name }) => name));
        await net.heal(which.map(({ port }) => port));
      },
      churn: (perSecond) => {
        for (const group of groups) if (group.pid > 0) group.order({ kind: "churn", perSecond: perSecond / groups.length });
      },
      async truth() {
        const rows = await Promise.all(groups.filter((group) => group.pid > 0).map((group) => group.rows()));
        return new Map(rows.flatMap((each) => Object.entries(each)));
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}

/** Shares hosts among processes, as evenly as it goes. */
export function evenly(hosts: number, processes: number): number[] {
  return Array.from({ length: processes }, (_, index) => Math.floor((hosts + index) / processes));
}

function groupsOf(net: FaultNet, { agents, groups }: FaultFleetOptions): HostGroup[] {
  return groups.map((count, index) => {
    const first = groups.slice(0, index).reduce((sum, each) => sum + each, 0);
    return new HostGroup({ net, first, count, agents });
  });
}
