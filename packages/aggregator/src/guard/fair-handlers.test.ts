import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError, passThroughTracer } from "@mosaic/core";
import type { Identity } from "@mosaic/identity";
import type { CallContext, FleetHandlers } from "@mosaic/rpc";
import { stubHandlers } from "@mosaic/testkit";
import { ListRequestSchema, SendRequestSchema, WatchRequestSchema } from "@mosaic/wire";
import { fairHandlers } from "./fair-handlers.ts";
import { TenantTurns } from "./tenant-turns.ts";

const never = new AbortController().signal;

function contextOf(tenantId: string | undefined, signal = never): CallContext {
  const identity: Identity = tenantId
    ? { kind: "user", fleet: "acme", tenantId, name: "ada" }
    : { kind: "aggregator", fleet: "acme", id: "agg-2" };
  return {
    ...{ signal, carrier: "tls", timeoutMs: () => undefined, span: passThroughTracer.startSpan("x") },
    caller: { kind: "peer", identity },
  };
}

/** What was begun, in order, of calls that are made at once. */
function served(maxWaiting?: number) {
  const begun: string[] = [];
  const note = (context: CallContext) => {
    const { caller } = context;
    const identity = caller?.kind === "peer" ? caller.identity : undefined;
    begun.push(identity && "tenantId" in identity ? identity.tenantId : "aggregator");
  };
  const stub = stubHandlers();
  const inner: FleetHandlers = {
    ...stub,
    list: (request, context) => {
      note(context);
      return stub.list(request, context);
    },
    send: (_request, context) => {
      note(context);
      // As one that waits for an answer of its agent.
      return new Promise(() => {});
    },
    watch: (request, context) => {
      note(context);
      return stub.watch(request, context);
    },
  };
  return { begun, handlers: fairHandlers(inner, new TenantTurns(maxWaiting === undefined ? {} : { maxWaiting })) };
}

const list = (handlers: FleetHandlers, tenantId?: string, signal?: AbortSignal) =>
  handlers.list(create(ListRequestSchema), contextOf(tenantId, signal));

test("a tenant that floods List delays another's call by one of its own, whatever it has waiting", async () => {
  const { begun, handlers } = served();
  const flood = Array.from({ length: 500 }, () => list(handlers, "team-a"));
  const [one, other] = [list(handlers, "team-b"), list(handlers, "team-c")];
  await Promise.all([one, other]);
  const before = begun.filter((tenantId) => tenantId === "team-a").length;
  assert.ok(before <= 3, `${before} of 500 were begun first`);
  await Promise.all(flood);
  assert.equal(begun.filter((tenantId) => tenantId === "team-a").length, 500);
});

test("sends that wait for their agents hold up nobody: neither the own tenant's nor another's", async () => {
  const { begun, handlers } = served();
  for (let n = 0; n < 300; n += 1) void handlers.send(create(SendRequestSchema), contextOf("team-a"));
  for (let n = 0; n < 10; n += 1) await list(handlers, "team-b");
  const [before, all] = [begun.filter((tenantId) => tenantId === "team-a").length, begun.length];
  assert.ok(before <= all - 10 + 1 && before <= 12, `${before} of the flood were begun before ten of another's`);
});

test("more than so many waiting of one tenant are sent away with when to come back, and others are not", async () => {
  const { handlers } = served(100);
  const flood = await Promise.allSettled(Array.from({ length: 300 }, () => list(handlers, "team-a")));
  const refused = flood.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  assert.ok(refused.length >= 190 && refused.length <= 200, `${refused.length} were sent away`);
  for (const reason of refused)
    assert.ok(reason instanceof MosaicError && reason.code === "BUSY" && reason.retryAfterMs === 1000, String(reason));
  await list(handlers, "team-b");
});

test("a caller that goes away leaves its place, and aggregators and streams pass as well", async () => {
  const { begun, handlers } = served();
  const call = new AbortController();
  const flood = Array.from({ length: 20 }, () => list(handlers, "team-a"));
  const gone = list(handlers, "team-a", call.signal);
  call.abort(new MosaicError("CANCELLED", "the caller went away"));
  await assert.rejects(gone, { code: "CANCELLED" });
  await list(handlers);
  assert.ok(begun.length <= 2, "an aggregator does not wait");
  for await (const _ of handlers.watch(create(WatchRequestSchema), contextOf("team-b"))) break;
  await Promise.all(flood);
  assert.deepEqual([begun.filter((each) => each === "team-a").length, begun.filter((each) => each === "team-b").length], [20, 1]);
});

test("a tenant has a limited number of streams open, another one its own, and one that ends makes room", async () => {
  const stub = stubHandlers();
  const handlers = fairHandlers(stub, new TenantTurns(), 2);
  const open = async (tenantId?: string) => {
    const stream = handlers.watch(create(WatchRequestSchema), contextOf(tenantId))[Symbol.asyncIterator]();
    await stream.next();
    return stream;
  };
  const [first] = [await open("team-a"), await open("team-a")];
  await assert.rejects(open("team-a"), { code: "BUSY", message: 'callers of tenant "team-a" have 2 streams open here' });
  await open("team-b");
  for (let n = 0; n < 3; n += 1) await open();
  await first.return?.();
  await open("team-a");
  await assert.rejects(open("team-a"), { code: "BUSY" });
});
