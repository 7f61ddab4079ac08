/** Aggregators over fake members in memory, for tests. */
import assert from "node:assert/strict";
import { type LastGoodFile, silentLog } from "@mosaic/core";
import type { Member } from "@mosaic/core/membership";
import { type Endpoint, type FleetConnection, formatEndpoint } from "@mosaic/rpc";
import { aHostStatus, anAgent, type FakeClock, FakeMember, memoryMessageStore, RecordingTracer } from "@mosaic/testkit";
import { Role } from "@mosaic/wire";
import type { KnownHosts } from "./known-hosts.ts";
import { startAggregator } from "./start-aggregator.ts";

/** A host's node as membership names it. */
export const nodeMember = (host: string): Member => ({
  name: host,
  tenantId: "team-a",
  role: "node",
  addresses: [{ kind: "unix", path: `/${host}` }],
});
/** A further aggregator as membership names it. */
export const siteMember = (name: string): Member => ({
  name,
  tenantId: "",
  role: "aggregator",
  addresses: [{ kind: "unix", path: `/${name}` }],
});

/** An aggregator over fake members in memory, whose membership a test edits. */
export async function fleetOf(
  stack: AsyncDisposableStack,
  members: Record<string, FakeMember>,
  initial: readonly Member[],
  clock: FakeClock,
  { knownHosts }: { readonly knownHosts?: KnownHosts } = {},
) {
  let value = initial;
  let changed = () => {};
  const membership: LastGoodFile<readonly Member[]> = {
    get value() {
      return value;
    },
    problem: undefined,
    reload: async () => {},
    [Symbol.dispose]() {},
  };
  const connect = (endpoint: Endpoint): FleetConnection => {
    const member = members[formatEndpoint(endpoint).replace("unix:/", "")];
    assert.ok(member);
    return member.connect();
  };
  const aggregator = stack.use(
    await startAggregator(
      {
        clock,
        log: silentLog,
        tracer: new RecordingTracer(),
        random: () => 0.5,
        newId: () => "e",
        connect,
        store: memoryMessageStore(),
        knownHosts,
        openMembership: async (onChange) => {
          changed = onChange;
          return membership;
        },
      },
      { id: "own-id", host: "here", version: "1", pid: 1, listen: [] },
    ),
  );
  const { client } = stack.use(aggregator.connect());
  const edit = (next: readonly Member[]) => {
    value = next;
    changed();
  };
  return { client, edit, list: () => client.list({}) };
}

/** A host's node with one agent. */
export function nodeOf(clock: FakeClock, host: string): FakeMember {
  const node = new FakeMember({ clock, host });
  node.setHost(aHostStatus({ host }));
  node.setRow(anAgent({ host }));
  return node;
}

/** A further aggregator over hosts with one agent each. */
export function siteOf(clock: FakeClock, name: string, hosts: readonly string[]): FakeMember {
  const site = new FakeMember({ clock, host: name, role: Role.AGGREGATOR });
  for (const host of hosts) {
    site.setHost(aHostStatus({ host, via: [name] }));
    site.setRow(anAgent({ host }));
  }
  return site;
}
