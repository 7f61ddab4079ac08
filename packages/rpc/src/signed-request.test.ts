import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toJson } from "@bufbuild/protobuf";
import { InjectionPolicy, ListRequestSchema, SendRequestSchema } from "@mosaic/wire";
import { signedJson, signedRequest } from "./signed-request.ts";

const agent = { tenantId: "team-a", host: "alpha", name: "lead" };
const hashOf = (fields: object) =>
  signedRequest("Send", create(SendRequestSchema, { agent, messageId: "m", text: "t", ...fields }))?.requestSha256;

test("each field that means something is signed, and what hops change is not", () => {
  const same = hashOf({});
  for (const fields of [{ waitMs: 5 }, { waitFor: 3 }, { expiresInMs: 9 }, { policy: InjectionPolicy.AT_MOST_ONCE }]) {
    assert.equal(hashOf(fields), same, JSON.stringify(fields));
  }
  const others = [
    { text: "u" },
    { messageId: "n" },
    { sourceLabel: "x" },
    { policy: InjectionPolicy.AT_LEAST_ONCE },
    ...["tenantId", "host", "name"].map((part) => ({ agent: { ...agent, [part]: "other" } })),
    // Two fields that are glued together are not the same as two others.
    { messageId: "mt", text: "" },
  ];
  const hashes = others.map(hashOf);
  assert.equal(new Set([same, ...hashes]).size, others.length + 1);
});

test("the JSON form of a request is signed like the request", () => {
  const request = create(SendRequestSchema, { agent, messageId: "m", text: "ä\u0000", policy: 2, expiresInMs: 7 });
  assert.deepEqual(signedJson("Send", toJson(SendRequestSchema, request) as object), signedRequest("Send", request));
});

test("what nobody can relay for its caller is not signed", () => {
  for (const method of ["List", "AttachTerminal", "AddHost", "toString"])
    assert.equal(signedRequest(method, create(ListRequestSchema)), undefined);
});
