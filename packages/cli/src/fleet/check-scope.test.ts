import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import { hostJson } from "./builders-for-tests.ts";
import { checkScope } from "./check-scope.ts";
import { viaOf } from "./via-of.ts";

const all = [hostJson("alpha"), hostJson("gamma"), hostJson("web", { tenantId: "team-b" })];
const never = async () => assert.fail("asked for all hosts although nothing was missing");

test("a selection that is found costs nothing more", async () => {
  await checkScope({ tenants: [], hosts: [] }, [], never);
  await checkScope({ tenants: ["team-a"], hosts: ["alpha", "id-gamma"] }, all, never);
});

test("a misspelt host or tenant is an error, not an empty fleet", async () => {
  const refused = async (tenants: string[], hosts: string[]) => {
    const error = await checkScope({ tenants, hosts }, [], async () => all).then(
      () => assert.fail("accepted"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof MosaicError && error.code === "USAGE", String(error));
    return `${error.message}; ${error.hint}`;
  };
  assert.equal(await refused([], ["gama"]), 'no host "gama" in this fleet; did you mean gamma?');
  assert.equal(await refused(["team-c"], []), 'no tenant "team-c" in this fleet; did you mean team-a, team-b?');
  assert.match(await refused([], ["zzz"]), /see what there is: mosaic host list/);
});

test("who answered is told by the place, else by the answer", () => {
  assert.equal(viaOf("node", []), "node");
  assert.equal(viaOf(undefined, [hostJson("alpha", { via: [], address: "" })]), "node");
  assert.equal(viaOf(undefined, [hostJson("alpha")]), "aggregator");
  assert.equal(viaOf(undefined, []), "aggregator");
});
