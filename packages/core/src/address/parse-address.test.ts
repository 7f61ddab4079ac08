import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "../errors.ts";
import { formatAddress, parseAddress } from "./parse-address.ts";

test("an address has one, two or three parts, the agent last", () => {
  assert.deepEqual(parseAddress("lead"), { tenantId: "", host: "", name: "lead" });
  assert.deepEqual(parseAddress("alpha/lead"), { tenantId: "", host: "alpha", name: "lead" });
  assert.deepEqual(parseAddress("team-a/alpha.example/co.der_0"), {
    tenantId: "team-a",
    host: "alpha.example",
    name: "co.der_0",
  });
});

test("what is written is what was parsed", () => {
  for (const text of ["lead", "alpha/lead", "team-a/alpha/lead"]) assert.equal(formatAddress(parseAddress(text)), text);
});

test("anything else is refused with the form to write", () => {
  for (const text of [
    "",
    "/",
    "a/",
    "/a",
    "a//b",
    "a/b/c/d",
    "two words",
    "a:b",
    "ä",
    "a\n",
    "../x y",
    "a".repeat(521),
    "$(x)",
  ]) {
    assert.throws(
      () => parseAddress(text),
      (thrown) =>
        thrown instanceof MosaicError &&
        thrown.code === "USAGE" &&
        /team-a\/alpha\/lead/.test(thrown.hint ?? "") &&
        thrown.message.length < 300,
      JSON.stringify(text),
    );
  }
});
