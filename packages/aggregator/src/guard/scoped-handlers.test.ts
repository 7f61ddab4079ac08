import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { FleetLog, MosaicError } from "@mosaic/core";
import type { CallContext } from "@mosaic/rpc";
import { aHostStatus, anAgent, stubHandlers } from "@mosaic/testkit";
import {
  CancelMessageRequestSchema,
  PresenceRequestSchema,
  type Receipt,
  ReceiptSchema,
  WatchEventsRequestSchema,
  WatchEventsResponseSchema,
} from "@mosaic/wire";
import { scopedHandlers } from "./scoped-handlers.ts";

const ada = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" } as const;
const context = {
  caller: { kind: "peer", identity: ada, scope: { tenantIds: ["team-a"], surveysAll: false } },
} as unknown as CallContext;

test("a message of another tenant is answered as one that nobody has heard of, whichever agent is named with it, and is let be", async () => {
  const fleetLog = new FleetLog({ epoch: "e" });
  for (const tenantId of ["team-a", "team-b"]) {
    fleetLog.publish([{ kind: "host", status: aHostStatus({ tenantId, hostId: `id-of-${tenantId}-alpha` }) }]);
    fleetLog.publish([{ kind: "upsert", row: anAgent({ tenantId }) }]);
  }
  const asked: string[] = [];
  const noMessage = (id: string) => new MosaicError("MESSAGE_NOT_FOUND", `no message ${id} is known`);
  const inner = stubHandlers({
    async cancelMessage({ messageId }) {
      asked.push(messageId);
      throw noMessage(messageId);
    },
  });
  const ofB = create(ReceiptSchema, { agent: { tenantId: "team-b", host: "alpha", name: "lead" } });
  const receiptOf = (messageId: string): Receipt | undefined => (messageId === "of-b" ? ofB : undefined);
  const policy = () => ({ grants: [{ role: "operator", tenantId: "team-a", who: "tenant/team-a/user/ada" }] as const });
  const handlers = scopedHandlers(inner, { fleetLog, policy, receiptOf });
  const told = async (messageId: string, agent?: { tenantId?: string; name: string }) => {
    const request = create(CancelMessageRequestSchema, { messageId, ...(agent ? { agent } : {}) });
    const thrown = await handlers.cancelMessage(request, context).then(
      () => "done",
      (reason: unknown) => MosaicError.from(reason),
    );
    return thrown instanceof MosaicError ? `${thrown.code} ${thrown.message.replace("of-z", "of-b")}` : thrown;
  };
  for (const agent of [undefined, { name: "lead" }, { tenantId: "team-b", name: "lead" }, { name: "nobody" }])
    assert.equal(await told("of-b", agent), await told("of-z", agent), JSON.stringify(agent));
  assert.deepEqual(asked, ["of-z"], "nobody is asked about it");
});

test("events are asked for one's own tenants only, and of presence nothing of others is left", async () => {
  const asked: unknown[] = [];
  const inner = stubHandlers({
    async *watchEvents({ selector }) {
      asked.push(selector?.tenantIds);
      yield create(WatchEventsResponseSchema, { frame: { case: "caughtUp", value: {} } });
    },
    async presence({ selector }) {
      asked.push(selector?.tenantIds);
      const callers = ["team-a", "team-b", ""].map((tenantId) => ({ tenantId, subject: `of ${tenantId}` }));
      return { daemons: [{ id: "agg", callers }] };
    },
  });
  const policy = () => ({ grants: [] });
  const handlers = scopedHandlers(inner, { fleetLog: new FleetLog({ epoch: "e" }), policy, receiptOf: () => undefined });
  for (const tenantIds of [[], ["team-b"]]) {
    for await (const _ of handlers.watchEvents(create(WatchEventsRequestSchema, { selector: { tenantIds } }), context));
    const { daemons = [] } = await handlers.presence(create(PresenceRequestSchema, { selector: { tenantIds } }), context);
    assert.deepEqual(
      daemons[0]?.callers?.map(({ subject }) => subject),
      ["of team-a"],
    );
  }
  assert.deepEqual(asked, [["team-a"], ["team-a"], ["?"], ["?"]]);
});
