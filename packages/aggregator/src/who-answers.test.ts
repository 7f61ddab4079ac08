import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type ErrorCode, MosaicError, silentLog } from "@mosaic/core";
import type { Member } from "@mosaic/core/membership";
import { connectInMemory, LiveStreams, statusNameOf } from "@mosaic/rpc";
import { RecordingTracer, stubHandlers } from "@mosaic/testkit";
import { HostState, InfoResponseSchema, Role } from "@mosaic/wire";
import { assertIsMember, lostStateOf } from "./who-answers.ts";

const member: Member = { name: "alpha", tenantId: "team-a", role: "node", addresses: [{ kind: "unix", path: "/alpha" }] };

/** What a call fails with at a member that throws this. */
async function failureOver(thrown: Error): Promise<unknown> {
  const handlers = stubHandlers({
    info: () => {
      throw thrown;
    },
  });
  await using connection = connectInMemory(
    handlers,
    {},
    { streams: new LiveStreams(), tracer: new RecordingTracer(), log: silentLog },
  );
  return await connection.client.info({}).catch((reason: unknown) => reason);
}

for (const [code, state] of [
  ["NOT_ALLOWED", HostState.AUTH_FAILED],
  ["IDENTITY_REFUSED", HostState.AUTH_FAILED],
  ["HOST_UNREACHABLE", HostState.UNREACHABLE],
  ["DEADLINE", HostState.UNREACHABLE],
  ["BUSY", HostState.UNREACHABLE],
  ["INTERNAL", HostState.UNREACHABLE],
] as const satisfies readonly (readonly [ErrorCode, HostState])[]) {
  test(`an attempt that ended with ${code} makes its hosts ${nameOf(state)}, told by us or by the member`, async () => {
    const thrown = new MosaicError(code, "no");
    assert.equal(lostStateOf(thrown), state);
    assert.equal(lostStateOf(await failureOver(thrown)), state);
  });
}

test("what is no call's failure makes hosts UNREACHABLE", () => {
  for (const thrown of [new Error("x"), "text", 7]) assert.equal(lostStateOf(thrown), HostState.UNREACHABLE);
});

test("who is not the member is PERMISSION_DENIED, and who can't work with us is FAILED_PRECONDITION", () => {
  const answers = { role: Role.NODE, protocolVersion: 1, tenantId: "team-a", host: "alpha", id: "x" };
  const refusal = (init: MessageInitShape<typeof InfoResponseSchema>): { state: HostState; code: string } => {
    try {
      assertIsMember(member, create(InfoResponseSchema, { ...answers, ...init }), "own-id");
    } catch (thrown) {
      return { state: lostStateOf(thrown), code: statusNameOf(thrown) };
    }
    throw new Error("it was taken for the member");
  };
  const incompatible = { state: HostState.INCOMPATIBLE, code: "FAILED_PRECONDITION" };
  const stranger = { state: HostState.AUTH_FAILED, code: "PERMISSION_DENIED" };
  assert.deepEqual(refusal({ protocolVersion: 2 }), incompatible);
  assert.deepEqual(refusal({ id: "own-id" }), incompatible);
  assert.deepEqual(refusal({ host: "beta" }), stranger);
  assert.deepEqual(refusal({ role: Role.AGGREGATOR }), stranger);
});

function nameOf(state: HostState): string | undefined {
  return Object.entries(HostState).find(([, value]) => value === state)?.[0];
}
