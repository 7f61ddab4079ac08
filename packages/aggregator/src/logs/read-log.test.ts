import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { FleetLog, LogRing, MosaicError } from "@mosaic/core";
import { type CallContext, fromConnectError } from "@mosaic/rpc";
import { FakeClock } from "@mosaic/testkit";
import { type ReadLogRequest, ReadLogRequestSchema, type ReadLogResponse, ReadLogResponseSchema } from "@mosaic/wire";
import { fleetOf, nodeMember, nodeOf, siteMember, siteOf } from "../fleet-for-tests.ts";
import { HostTable } from "../host-table.ts";
import { readLogHandler } from "./read-log.ts";

type Client = Awaited<ReturnType<typeof fleetOf>>["client"];

async function read(client: Client, request: MessageInitShape<typeof ReadLogRequestSchema>): Promise<ReadLogResponse[]> {
  const responses: ReadLogResponse[] = [];
  for await (const response of client.readLog(request)) responses.push(response);
  return responses;
}

async function refused(client: Client, request: MessageInitShape<typeof ReadLogRequestSchema>): Promise<MosaicError> {
  const [thrown] = await read(client, request).then(
    () => [],
    (reason: unknown) => [fromConnectError(reason, "ReadLog")],
  );
  assert.ok(thrown, "it was not refused");
  return thrown;
}

async function setUp(stack: AsyncDisposableStack) {
  const clock = new FakeClock();
  const [alpha, site] = [nodeOf(clock, "alpha"), siteOf(clock, "site", ["beta"])];
  const asked: ReadLogRequest[] = [];
  for (const member of [alpha, site])
    member.handlers = {
      async *readLog(request) {
        asked.push(request);
        const source = { tenantId: "team-z", host: "another", id: "told", asOfUnixMs: 7n, passedOnUnixMs: 9n };
        yield create(ReadLogResponseSchema, { source, lines: [{ message: "hello" }], caughtUp: true });
      },
    };
  const { client } = await fleetOf(stack, { alpha, site }, [nodeMember("alpha"), siteMember("site")], clock);
  await clock.advance(100);
  return { clock, client, alpha, site, asked };
}

test("a host's log comes over the member that has it, asked for by its complete name, with our clock beside its own", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, asked } = await setUp(stack);
  const [response] = await read(client, { host: "beta", lines: 7, follow: true });
  assert.deepEqual([asked[0]?.tenantId, asked[0]?.host, asked[0]?.lines, asked[0]?.via], ["team-a", "beta", 7, ["own-id"]]);
  assert.deepEqual([response?.source?.tenantId, response?.source?.host], ["team-a", "beta"], "whatever it calls itself");
  assert.deepEqual([response?.source?.asOfUnixMs, response?.source?.passedOnUnixMs], [7n, BigInt(clock.nowUnixMs())]);
  assert.deepEqual(
    response?.lines.map(({ message }) => message),
    ["hello"],
  );
});

test("its own log is shown under its own name, and a further aggregator's by its id", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, asked } = await setUp(stack);
  for (const request of [{}, { aggregatorId: "own-id" }]) {
    const [own] = await read(client, request);
    assert.deepEqual([own?.source?.tenantId, own?.source?.host, own?.source?.id], ["", "here", "own-id"]);
  }
  assert.equal(asked.length, 0);
  await read(client, { aggregatorId: "site" });
  assert.deepEqual([asked[0]?.aggregatorId, asked[0]?.host], ["site", ""]);
});

test("what can't be read is refused with the reason", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, alpha, site } = await setUp(stack);
  assert.deepEqual((await refused(client, { host: "gamma" })).code, "HOST_NOT_FOUND");
  assert.deepEqual((await refused(client, { aggregatorId: "nobody" })).code, "HOST_NOT_FOUND");
  assert.deepEqual((await refused(client, { aggregatorId: "site", via: ["site"] })).code, "HOST_NOT_FOUND", "it came from there");
  assert.deepEqual((await refused(client, { host: "alpha", aggregatorId: "site" })).code, "USAGE");
  site.handlers = {
    readLog: () => {
      throw new MosaicError("NOT_HERE", "no such method");
    },
  };
  assert.match(
    (await refused(client, { host: "beta" })).message,
    /the daemon of team-a\/beta is of a version that does not show its log/,
  );
  alpha.die();
  await clock.advance(30_000);
  const gone = await refused(client, { host: "alpha" });
  assert.deepEqual(
    [gone.code, /team-a\/alpha does not answer, last seen/.test(gone.message)],
    ["HOST_UNREACHABLE", true],
    gone.message,
  );
});

test("where callers are known by certificate no aggregator's log is shown to any of them", async () => {
  const clock = new FakeClock();
  const fleetLog = new FleetLog({ epoch: "e" });
  const ownLog = { ring: new LogRing({ epoch: "l" }), role: "aggregator" } as const;
  const deps = { fleetLog, table: new HostTable(fleetLog, clock, "own-id"), ownLog, clock };
  const readLog = readLogHandler(deps, { id: "own-id", host: "here" });
  const caller = { kind: "peer", identity: { kind: "aggregator", fleet: "acme", id: "other" } };
  const context = { caller, signal: new AbortController().signal } as unknown as CallContext;
  for (const request of [{}, { aggregatorId: "own-id" }, { aggregatorId: "site" }])
    assert.throws(() => readLog(create(ReadLogRequestSchema, request), context), /speaks of every tenant/);
  const local = readLog(create(ReadLogRequestSchema), { ...context, caller: { kind: "local" } });
  for await (const { source } of local) assert.equal(source?.host, "here");
});
