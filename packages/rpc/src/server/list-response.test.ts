import assert from "node:assert/strict";
import { test } from "node:test";
import { create, equals, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { aHostStatus, anAgent } from "@mosaic/testkit";
import { type Agent, AgentSchema, ListResponseSchema } from "@mosaic/wire";
import type { ListAnswer } from "./fleet-handlers.ts";
import { listResponse } from "./list-response.ts";

function answerWith(rows: readonly Agent[]): ListAnswer {
  return {
    rows,
    hosts: [aHostStatus(), aHostStatus({ host: "beta" })],
    epoch: "e",
    rev: 9n,
    nextPageToken: "next",
    isInconsistent: true,
  };
}

/** The same answer, encoded by the library alone. */
function plain({ rows, hosts, epoch, rev, nextPageToken, isInconsistent }: ListAnswer) {
  return create(ListResponseSchema, {
    agents: [...rows],
    hosts: [...hosts],
    epoch,
    rev,
    nextPageToken,
    inconsistentContinue: isInconsistent,
  });
}

function assertSame(answer: ListAnswer): void {
  const ours = toBinary(ListResponseSchema, listResponse(answer, "binary"));
  const expected = plain(answer);
  assert.ok(equals(ListResponseSchema, fromBinary(ListResponseSchema, ours), expected));
  assert.equal(ours.length, toBinary(ListResponseSchema, expected).length);
}

for (const count of [0, 1, 2, 300]) {
  test(`${count} rows decode to what was answered`, () => {
    assertSame(answerWith(Array.from({ length: count }, (_, index) => anAgent({ name: `a${index}` }))));
  });
}

test("rows of every length around the borders of a length's encoding decode to what was answered", () => {
  const base = toBinary(AgentSchema, anAgent({ stateDetail: "x" })).length - 1;
  for (const border of [127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
    const row = (bytes: number) =>
      anAgent({ stateDetail: "x".repeat(Math.max(1, bytes - base - (bytes > 200 ? (bytes > 17_000 ? 2 : 1) : 0))) });
    const rows = [-2, -1, 0, 1, 2].map((more) => row(border + more));
    assert.ok(rows.some((one) => toBinary(AgentSchema, one).length >= border) || border > 2_000_000);
    for (const one of rows) assertSame(answerWith([one]));
    assertSame(answerWith([...rows, anAgent(), ...rows]));
  }
});

test("a row's bytes are made once, and one that was replaced is told anew", () => {
  const row = anAgent({ stateDetail: "before" });
  assertSame(answerWith([row]));
  assertSame(answerWith([row, anAgent({ stateDetail: "after" }), row]));
});

test("what an older server does not know of a row is passed on", () => {
  const row = anAgent();
  row.$unknown = [{ no: 999, wireType: 2, data: new Uint8Array([2, 0x68, 0x69]) }];
  const decoded = fromBinary(ListResponseSchema, toBinary(ListResponseSchema, listResponse(answerWith([row]), "binary")));
  assert.deepEqual(
    decoded.agents[0]?.$unknown?.map((field) => field.no),
    [999],
  );
});

test("for JSON the rows are messages", () => {
  const answer = answerWith([anAgent(), anAgent({ name: "z" })]);
  assert.deepEqual(toJson(ListResponseSchema, listResponse(answer, "json")), toJson(ListResponseSchema, plain(answer)));
});
