import assert from "node:assert/strict";
import { test } from "node:test";
import { anAgent } from "@mosaic/testkit";
import { MosaicError } from "../errors.ts";
import { formatAddress, parseAddress } from "./parse-address.ts";
import { resolveAddress } from "./resolve-address.ts";

const rows = [
  anAgent(),
  anAgent({ name: "coder0" }),
  anAgent({ host: "beta" }),
  anAgent({ host: "beta", name: "reviewer0" }),
  anAgent({ tenantId: "team-b" }),
];
const resolve = (text: string) => formatAddress(resolveAddress(rows, parseAddress(text)));

function failure(text: string, among = rows): MosaicError {
  try {
    resolveAddress(among, parseAddress(text));
  } catch (thrown) {
    assert.ok(thrown instanceof MosaicError);
    return thrown;
  }
  return assert.fail(`"${text}" was resolved`);
}

test("an address may leave out what is not needed to tell", () => {
  assert.equal(resolve("coder0"), "team-a/alpha/coder0");
  assert.equal(resolve("beta/lead"), "team-a/beta/lead");
  assert.equal(resolve("team-b/alpha/lead"), "team-b/alpha/lead");
});

test("a host may be named by its id", () => {
  assert.equal(resolve("id-of-team-b-alpha/lead"), "team-b/alpha/lead");
});

test("an address that fits several is refused with each of them", () => {
  const error = failure("alpha/lead");
  assert.equal(error.code, "AGENT_AMBIGUOUS");
  assert.deepEqual(error.candidates.map(formatAddress), ["team-a/alpha/lead", "team-b/alpha/lead"]);
  assert.match(error.hint ?? "", /team-a\/alpha\/lead/);
});

test("with very many that fit, eight are named and the number is told", () => {
  const many = Array.from({ length: 1000 }, (_, index) => anAgent({ host: `host-${index}` }));
  const error = failure("lead", many);
  assert.equal(error.candidates.length, 8);
  assert.match(error.message, /fits 1000 agents.*and 992 more/);
});

test("an address that fits none is refused with what it may have meant", () => {
  const error = failure("codr0");
  assert.equal(error.code, "AGENT_NOT_FOUND");
  assert.deepEqual(error.candidates.map(formatAddress), ["team-a/alpha/coder0"]);
  assert.match(error.hint ?? "", /did you mean team-a\/alpha\/coder0/);
});

test("the right name on the wrong host is answered with where it is", () => {
  const error = failure("gamma/coder0");
  assert.equal(error.code, "AGENT_NOT_FOUND");
  assert.deepEqual(error.candidates.map(formatAddress), ["team-a/alpha/coder0"]);
});

test("in an empty scope nothing is suggested but to look", () => {
  const error = failure("lead", []);
  assert.deepEqual([error.candidates.length, error.code], [0, "AGENT_NOT_FOUND"]);
  assert.match(error.hint ?? "", /fleet ps/);
});
