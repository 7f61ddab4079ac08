import type { Member, RunningAggregator } from "@mosaic/aggregator";
import type { RunningNode } from "@mosaic/node";
import { connectFleet, type Endpoint, type FleetConnection } from "@mosaic/rpc";
import { FakeHost, realClock } from "@mosaic/testkit";
import { Role } from "@mosaic/wire";
import { type FakeAggregatorOptions, MemoryNetwork, memberOf, startFakeAggregator, startFakeNode } from "./start-fakes.ts";

/** Servers in some arrangement, and what a case needs of them. */
export interface RunningArrangement {
  readonly hosts: readonly [FakeHost, ...FakeHost[]];
  readonly role: Role;
  /** Where the outermost server listens; undefined: nowhere. */
  readonly endpoint: Endpoint | undefined;
  /** A client of the outermost server. */
  readonly connect: () => FleetConnection;
}

export interface Arrangement {
  readonly name: string;
  /** Starts everything on the stack. */
  readonly start: (stack: AsyncDisposableStack) => Promise<RunningArrangement>;
}

const anyPort: Endpoint = { kind: "tcp", hostname: "127.0.0.1", port: 0 };
const overTcp = (endpoint: Endpoint) => connectFleet(endpoint, { validate: false });

/** Every way in which the contract is expected to hold. */
export const arrangements: readonly Arrangement[] = [
  {
    name: "a node in memory",
    async start(stack) {
      const alpha = fakeHost("team-a", "alpha");
      const node = stack.use(await startFakeNode(alpha, []));
      return { hosts: [alpha], role: Role.NODE, endpoint: undefined, connect: () => node.connect({ validate: false }) };
    },
  },
  {
    name: "a node over TCP",
    async start(stack) {
      const alpha = fakeHost("team-a", "alpha");
      return served([alpha], Role.NODE, stack.use(await startFakeNode(alpha, [anyPort])));
    },
  },
  {
    name: "an aggregator of one",
    async start(stack) {
      const alpha = fakeHost("team-a", "alpha");
      const members = await startMembers(stack, [alpha]);
      return served([alpha], Role.AGGREGATOR, stack.use(await startFakeAggregator(tcpAggregator("agg", members))));
    },
  },
  {
    name: "an aggregator of three",
    async start(stack) {
      const hosts = threeHosts();
      const members = await startMembers(stack, hosts);
      return served(hosts, Role.AGGREGATOR, stack.use(await startFakeAggregator(tcpAggregator("agg", members))));
    },
  },
  {
    name: "an aggregator over an aggregator of two and a node",
    async start(stack) {
      const hosts = threeHosts();
      const [alpha, beta, gamma] = await startMembers(stack, hosts);
      if (!alpha || !beta || !gamma) throw new Error("three hosts are three members");
      const inner = stack.use(await startFakeAggregator(tcpAggregator("inner", [beta, gamma])));
      const innerMember: Member = { name: "inner", tenantId: "", role: "aggregator", addresses: [firstOf(inner.endpoints)] };
      return served(hosts, Role.AGGREGATOR, stack.use(await startFakeAggregator(tcpAggregator("outer", [innerMember, alpha]))));
    },
  },
  {
    name: "an aggregator of three in memory",
    async start(stack) {
      const hosts = threeHosts();
      const network = new MemoryNetwork();
      const members: Member[] = [];
      for (const host of hosts) {
        const endpoint = network.add(host.host, stack.use(await startFakeNode(host, [])));
        members.push(memberOf(host, [endpoint]));
      }
      const aggregator = stack.use(await startFakeAggregator({ name: "agg", members, connect: network.connect, listen: [] }));
      return { hosts, role: Role.AGGREGATOR, endpoint: undefined, connect: () => aggregator.connect({ validate: false }) };
    },
  },
];

function fakeHost(tenantId: string, host: string): FakeHost {
  return new FakeHost({ tenantId, host, clock: realClock, agents: ["lead", `coder-${host}`] });
}

function threeHosts(): [FakeHost, FakeHost, FakeHost] {
  return [fakeHost("team-a", "alpha"), fakeHost("team-a", "beta"), fakeHost("team-b", "gamma")];
}

async function startMembers(stack: AsyncDisposableStack, hosts: readonly FakeHost[]): Promise<Member[]> {
  const nodes = await Promise.all(hosts.map((host) => startFakeNode(host, [anyPort])));
  for (const node of nodes) stack.use(node);
  return hosts.map((host, index) => memberOf(host, nodes[index]?.endpoints ?? []));
}

function tcpAggregator(name: string, members: readonly Member[]): FakeAggregatorOptions {
  return { name, members, connect: (endpoint) => connectFleet(endpoint, { carrier: "http1" }), listen: [anyPort] };
}

function served(hosts: RunningArrangement["hosts"], role: Role, server: RunningNode | RunningAggregator): RunningArrangement {
  const endpoint = firstOf(server.endpoints);
  return { hosts, role, endpoint, connect: () => overTcp(endpoint) };
}

function firstOf(endpoints: readonly Endpoint[]): Endpoint {
  const [first] = endpoints;
  if (!first) throw new Error("the server listens nowhere");
  return first;
}
