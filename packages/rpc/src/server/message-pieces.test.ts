import assert from "node:assert/strict";
import { test } from "node:test";
import { equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { aHostStatus, anAgent } from "@mosaic/testkit";
import { ListResponseSchema } from "@mosaic/wire";
import { listResponse } from "./list-response.ts";
import { messagePieces } from "./message-pieces.ts";

const answerWith = (count: number) =>
  listResponse(
    {
      rows: Array.from({ length: count }, (_, index) => anAgent({ name: `a${index}` })),
      hosts: [aHostStatus()],
      epoch: "e",
      rev: 9n,
      nextPageToken: "",
      isInconsistent: false,
    },
    "binary",
  );

test("the pieces of a long list are the message, and its rows are no copy", () => {
  const response = answerWith(2_000);
  const whole = toBinary(ListResponseSchema, response);
  const pieces = messagePieces(ListResponseSchema, response);
  const joined = Buffer.concat(pieces);
  assert.equal(joined.length, whole.length);
  assert.ok(equals(ListResponseSchema, fromBinary(ListResponseSchema, joined), fromBinary(ListResponseSchema, whole)));
  assert.equal(pieces.at(-1), response.$unknown?.[0]?.data);
});

test("a short message is one piece", () => {
  const response = answerWith(1);
  assert.deepEqual(messagePieces(ListResponseSchema, response), [toBinary(ListResponseSchema, response)]);
});
