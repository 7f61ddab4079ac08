import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePolicy } from "./policy-file.ts";

test("a policy says who has which role, and where", () => {
  const text = `grants:
  - { role: admin, tenant: team-a, who: user/ada }
  - { role: operator, tenant: team-a, who: agent/ci-* }
  - { role: observer, tenant: team-a, who: tenant/team-b/user/bob }
  - { role: fleet-observer, who: tenant/ops/user/eve }
`;
  assert.deepEqual(parsePolicy(text, "policy.yaml").grants, [
    { role: "admin", tenantId: "team-a", who: "tenant/team-a/user/ada" },
    { role: "operator", tenantId: "team-a", who: "tenant/team-a/agent/ci-*" },
    { role: "observer", tenantId: "team-a", who: "tenant/team-b/user/bob" },
    { role: "fleet-observer", who: "tenant/ops/user/eve" },
  ]);
  assert.deepEqual(parsePolicy("grants: []", "policy.yaml").grants, []);
});

const wrong: readonly (readonly [string, RegExp])[] = [
  ["", /must be a mapping/],
  ["- a", /must be a mapping/],
  ["grants: {}", /must be a list/],
  ["grants: []\nroles: []", /unknown key "roles"/],
  ["grants: [{ role: king, tenant: a, who: user/ada }]", /grant 1: role is "king"/],
  ["grants: [{ role: admin, who: user/ada }]", /tenant is undefined/],
  ["grants: [{ role: admin, tenant: A, who: user/ada }]", /tenant is "A"/],
  ["grants: [{ role: admin, tenant: a, who: ada }]", /who is "ada"/],
  ["grants: [{ role: admin, tenant: a, who: '*' }]", /who is "\*"/],
  ["grants: [{ role: admin, tenant: a, who: 'user/a*b' }]", /who is/],
  ["grants: [{ role: fleet-observer, tenant: a, who: tenant/a/user/b }]", /leave tenant out/],
  ["grants: [{ role: fleet-observer, who: user/b }]", /who is "user\/b"/],
  ["grants: [{ role: admin, tenant: a, who: user/ada, until: 2027 }]", /unknown key "until"/],
  ["grants: [", /policy.yaml: /],
];

test("what a policy does not say clearly is refused, by name", () => {
  for (const [text, why] of wrong)
    assert.throws(
      () => parsePolicy(text, "policy.yaml"),
      (thrown: Error & { code?: string }) => thrown.code === "POLICY_INVALID" && why.test(thrown.message),
      text,
    );
});
