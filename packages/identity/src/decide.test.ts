import assert from "node:assert/strict";
import { test } from "node:test";
import { EnrolmentService, FleetService } from "@mosaic/wire";
import { decide, type Policy } from "./decide.ts";
import { MATRIX, METHOD_VERBS, ROLES } from "./matrix.ts";
import type { Identity } from "./spiffe-id.ts";

const user = (name: string, tenantId = "team-a"): Identity => ({ kind: "user", fleet: "acme", tenantId, name });
const policy: Policy = {
  grants: [
    { role: "observer", tenantId: "team-a", who: "tenant/team-a/user/olga" },
    { role: "operator", tenantId: "team-a", who: "tenant/team-a/agent/ci-*" },
    { role: "admin", tenantId: "team-a", who: "tenant/team-a/user/ada" },
    { role: "fleet-observer", who: "tenant/ops/user/eve" },
  ],
};
const may = (caller: Identity, method: string, tenantId = "team-a") => decide(policy, { caller, method, tenantId }).isAllowed;

test("every rpc of the contract has a rule, and no rule is for one that is not there", () => {
  // Proved by what they carry, and asked by people who have no certificate yet.
  const open = ["GetRoots", "Enrol", "Renew", "ConfirmRoots"];
  const administered = EnrolmentService.methods.filter(({ name }) => !open.includes(name));
  assert.deepEqual(Object.keys(METHOD_VERBS).sort(), [...FleetService.methods, ...administered].map(({ name }) => name).sort());
});

test("each role may do what the matrix says, in its own tenant and in no other", () => {
  const roles = { olga: "observer", ada: "admin" } as const;
  for (const [name, role] of Object.entries(roles)) {
    for (const [method, verb] of Object.entries(METHOD_VERBS)) {
      const expected = verb !== "local" && MATRIX[role].includes(verb);
      assert.equal(may(user(name), method), expected, `${name} ${method}`);
      assert.equal(may(user(name), method, "team-b"), verb === "probe", `${name} ${method} elsewhere`);
    }
  }
});

test("who has no grant, and a method that no rule knows, are denied", () => {
  assert.equal(may(user("mallory"), "List"), false);
  assert.equal(may(user("ada"), "Detonate"), false);
  assert.equal(may(user("ada"), "__proto__"), false);
  assert.equal(may(user("ada"), "constructor"), false);
  assert.equal(decide({ grants: [] }, { caller: user("ada"), method: "Send", tenantId: "team-a" }).isAllowed, false);
});

test("a name of another tenant is another person", () => {
  assert.equal(may(user("ada", "team-b"), "Send"), false);
});

test("a star stands for the rest of a name, and for no other kind", () => {
  assert.equal(may({ kind: "agent", fleet: "acme", tenantId: "team-a", name: "ci-7" }, "Send"), true);
  assert.equal(may(user("ci-7"), "Send"), false);
});

test("who surveys the fleet sees counts, and reads nobody's rows", () => {
  const eve = user("eve", "ops");
  assert.deepEqual([may(eve, "List"), may(eve, "Tail"), may(eve, "Info")], [false, false, true]);
});

test("an aggregator relays what is seen, and does nothing of its own; a node asks nothing", () => {
  const aggregator: Identity = { kind: "aggregator", fleet: "acme", id: "a-1" };
  const node: Identity = { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "h-1" };
  for (const [method, verb] of Object.entries(METHOD_VERBS)) {
    assert.equal(may(aggregator, method), verb === "observe" || verb === "probe", method);
    assert.equal(may(node, method), false, method);
  }
});

test("every decision says what it rests on", () => {
  assert.equal(
    decide(policy, { caller: user("ada"), method: "Send", tenantId: "team-a" }).because,
    'tenant/team-a/user/ada is admin in "team-a"',
  );
  assert.match(
    decide(policy, { caller: user("olga"), method: "Send", tenantId: "team-a" }).because,
    /no grant lets .*olga operate/,
  );
  assert.equal(ROLES.length, Object.keys(MATRIX).length);
});
