import assert from "node:assert/strict";
import { type LastGoodFile, MosaicError, silentLog } from "@mosaic/core";
import type { Member } from "@mosaic/core/membership";
import { type Endpoint, type FleetConnection, formatEndpoint } from "@mosaic/rpc";
import {
  aHostStatus,
  anAgent,
  FakeClock,
  FakeMember,
  type MemoryMembership,
  memoryMembership,
  memoryMembershipStore,
  memoryMessageStore,
  RecordingAudit,
  RecordingTracer,
} from "@mosaic/testkit";
import { startAggregator } from "../start-aggregator.ts";
import type { RecordMemory } from "./record-memory.ts";
import type { SrvLookup } from "./srv-addresses.ts";

export interface TestFleetOptions {
  readonly clock?: FakeClock;
  readonly file?: readonly Member[];
  readonly stored?: MemoryMembership;
  readonly srvLookup?: SrvLookup;
  readonly memory?: RecordMemory;
  /** Why the store can't be asked from the start. */
  readonly refusal?: string;
}

/** A node of team-a as the membership file names it, at `unix:/<host>` unless given. */
export function inFile(host: string, path = `/${host}`): Member {
  return { name: host, tenantId: "team-a", role: "node", addresses: [{ kind: "unix", path }] };
}

/** A live node of team-a with one agent. */
export function aNode(clock: FakeClock, host: string): FakeMember {
  const node = new FakeMember({ clock, host });
  node.setHost(aHostStatus({ host }));
  node.setRow(anAgent({ host }));
  return node;
}

/** An aggregator over fake members at `unix:/<path>`, with a store in memory, whose parts a test breaks. */
export async function testFleet(stack: AsyncDisposableStack, nodes: Record<string, FakeMember>, options: TestFleetOptions = {}) {
  const { clock = new FakeClock(), stored = memoryMembership(), srvLookup, memory, refusal } = options;
  const store = memoryMembershipStore(stored);
  store.refusal = refusal;
  const audit = new RecordingAudit();
  const file = { value: options.file ?? [], problem: undefined as MosaicError | undefined, changed: () => {} };
  const lastGood: LastGoodFile<readonly Member[]> = {
    get value() {
      return file.value;
    },
    get problem() {
      return file.problem;
    },
    reload: async () => {},
    [Symbol.dispose]() {},
  };
  const connect = (endpoint: Endpoint): FleetConnection => {
    const path = formatEndpoint(endpoint).replace(/^unix:\/|^http:\/\//, "");
    const node = nodes[path];
    if (node) return node.connect();
    const nobody = new FakeMember({ clock, host: "nobody" });
    nobody.die();
    return nobody.connect();
  };
  const aggregator = stack.use(
    await startAggregator(
      {
        ...{ clock, log: silentLog, tracer: new RecordingTracer(), random: () => 0.5, newId: () => "e", connect, audit },
        store: memoryMessageStore(),
        openMembership: async (onChange) => {
          file.changed = onChange;
          return lastGood;
        },
        openMembershipStore: async () => store,
        ...{ srvLookup, recordMemory: memory },
      },
      {
        ...{ id: "own-id", host: "here", version: "1", pid: 1, listen: [], membershipPath: "/fleet/hosts.yaml" },
        srvService: srvLookup ? "_mosaic-node._tcp.example.org" : undefined,
      },
    ),
  );
  const { client } = stack.use(aggregator.connect());
  const hosts = async () => (await client.list({})).hosts;
  return {
    ...{ client, clock, store, audit, hosts },
    records: async () => (await store.list(new AbortController().signal)).records,
    names: async () => (await hosts()).map(({ host }) => host),
    // Of membership: what else an aggregator says of itself is not meant here.
    conditions: async () => {
      const { conditions } = await client.list({});
      const own = conditions.filter(({ type }) => /^(MEMBERSHIP|DISCOVERY)_/.test(type));
      return own.map(({ type, message }) => `${type}: ${message}`);
    },
    host: async (name: string) => {
      const found = (await hosts()).find(({ host }) => host === name);
      assert.ok(found, `${name} is not listed`);
      return found;
    },
    editFile(members: readonly Member[]) {
      file.value = members;
      file.problem = undefined;
      file.changed();
    },
    breakFile(message: string) {
      file.problem = new MosaicError("MEMBERSHIP_INVALID", message);
      file.changed();
    },
  };
}
