import assert from "node:assert/strict";
import { test } from "node:test";
import { formatIdentity, type Identity, parseIdentity } from "./spiffe-id.ts";

const known: readonly (readonly [string, Identity])[] = [
  ["spiffe://acme/tenant/team-a/host/4f1c/node", { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "4f1c" }],
  ["spiffe://acme/tenant/team-a/user/ada", { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" }],
  ["spiffe://acme.example/tenant/a/agent/ci", { kind: "agent", fleet: "acme.example", tenantId: "a", name: "ci" }],
  ["spiffe://acme/aggregator/9b2e", { kind: "aggregator", fleet: "acme", id: "9b2e" }],
];

test("an identity is one URI, and the URI is that identity", () => {
  for (const [uri, identity] of known) {
    assert.equal(formatIdentity(identity), uri);
    assert.deepEqual(parseIdentity(uri), identity);
  }
});

test("what is not exactly of the form names nobody", () => {
  const refused = [
    ...["", "spiffe://", "spiffe://acme", "spiffe://acme/", "https://acme/aggregator/a", "SPIFFE://acme/aggregator/a"],
    ...["spiffe://Acme/aggregator/a", "spiffe://acme/aggregator/", "spiffe://acme/aggregator/a/", "spiffe://acme/aggregator/a/b"],
    ...["spiffe://acme/tenant/Team/user/ada", "spiffe://acme/tenant//user/ada", "spiffe://acme/tenant/a/user/a%2Fb"],
    ...["spiffe://acme/tenant/a/host/h/node/x", "spiffe://acme/tenant/a/host/h", "spiffe://acme/tenant/a/host/../node"],
    ...[`spiffe://acme/tenant/${"a".repeat(33)}/user/ada`, "spiffe://acme/tenant/a/user/ada?x", "spiffe://acme:1/aggregator/a"],
    ...["spiffe://u@acme/aggregator/a", "spiffe://acme/tenant/a/user/ada\n"],
  ];
  for (const uri of refused) assert.equal(parseIdentity(uri), undefined, uri);
});

test("a part that would make another URI of it is refused when it is written", () => {
  assert.throws(() => formatIdentity({ kind: "user", fleet: "acme", tenantId: "a", name: "x/../../b" }), { code: "USAGE" });
  assert.throws(() => formatIdentity({ kind: "aggregator", fleet: "", id: "a" }), { code: "USAGE" });
});
