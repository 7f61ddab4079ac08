import assert from "node:assert/strict";
import { type MosaicError, silentLog } from "@mosaic/core";
import type { Member } from "@mosaic/core/membership";
import { type FleetConnection, formatEndpoint, fromConnectError } from "@mosaic/rpc";
import {
  aHostStatus,
  anAgent,
  FakeClock,
  FakeMember,
  memoryMessageStore,
  RecordingAudit,
  RecordingTracer,
} from "@mosaic/testkit";
import { DeliveryState, type Receipt } from "@mosaic/wire";
import { startAggregator } from "../start-aggregator.ts";
import { FakeInbox } from "./inbox-for-tests.ts";

const { ENTERED } = DeliveryState;
const HOSTS = ["alpha", "beta"] as const;

/** An aggregator over two hosts with durable messages of their own. */
export async function fleet(
  stack: AsyncDisposableStack,
  { clock = new FakeClock(), store = memoryMessageStore(), down = [] as string[], log = silentLog } = {},
) {
  const audit = new RecordingAudit();
  const inboxes = { alpha: new FakeInbox(), beta: new FakeInbox() };
  const nodes = { alpha: new FakeMember({ clock, host: "alpha" }), beta: new FakeMember({ clock, host: "beta" }) };
  for (const host of HOSTS) {
    nodes[host].setHost(aHostStatus({ host }));
    nodes[host].setRow(anAgent({ host }));
    nodes[host].setRow(anAgent({ host, name: "coder0" }));
    nodes[host].handlers = inboxes[host].handlers;
  }
  const members: Member[] = HOSTS.map((name) => ({
    ...{ name, tenantId: "team-a", role: "node" },
    addresses: [{ kind: "unix", path: `/${name}` }],
  }));
  const start = async (connected: AsyncDisposableStack) => {
    const connect = (endpoint: Parameters<typeof formatEndpoint>[0]): FleetConnection =>
      nodes[formatEndpoint(endpoint).replace("unix:/", "") as (typeof HOSTS)[number]].connect();
    const openMembership = async () => ({ value: members, problem: undefined, reload: async () => {}, [Symbol.dispose]() {} });
    const deps = {
      clock,
      log,
      tracer: new RecordingTracer(),
      random: () => 1,
      newId: () => "e",
      connect,
      openMembership,
      store,
      audit,
    };
    const aggregator = connected.use(
      await startAggregator(deps, { id: "own-id", host: "here", version: "1", pid: 1, listen: [] }),
    );
    const { client } = connected.use(aggregator.connect());
    return client;
  };
  const client = await start(stack);
  await clock.advance(100);
  for (const host of down) nodes[host as "alpha"].die();
  await clock.advance(100);
  return { client, clock, nodes, inboxes, start, store, audit };
}

/** A message to the lead of alpha. */
export const to = (messageId: string, more = {}) => ({
  ...{
    messageId,
    text: `text of ${messageId}`,
    agent: { tenantId: "", host: "alpha", name: "lead" },
    waitFor: ENTERED,
    waitMs: 5000,
  },
  ...more,
});

/** What a call failed with. */
export async function failure(call: Promise<unknown>): Promise<MosaicError> {
  return await call.then(
    () => assert.fail("did not fail"),
    (thrown: unknown) => fromConnectError(thrown, "call"),
  );
}

/** How far a message came, step by step. */
export const statesOf = (receipt: Receipt | undefined) => receipt?.steps.map((step) => step.state);
