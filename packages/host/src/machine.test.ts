import assert from "node:assert/strict";
import { hostname, userInfo } from "node:os";
import { test } from "node:test";
import { environment, hostName, loginName, newId, newMessageId } from "./machine.ts";

test("host and login name are the system's", () => {
  assert.equal(hostName(), hostname());
  assert.equal(loginName(), userInfo().username);
});

test("an id is a UUIDv4 and never the same twice", () => {
  assert.match(newId(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(newId(), newId());
});

test("a message id is a UUIDv7 that carries the time", () => {
  const before = Date.now();
  const id = newMessageId();
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const unixMs = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
  assert.ok(unixMs >= before && unixMs <= Date.now());
  assert.notEqual(newMessageId(), id);
});

test("a variable that is empty counts as not set", () => {
  process.env["MOSAIC_TEST_EMPTY"] = "";
  process.env["MOSAIC_TEST_FULL"] = "x";
  assert.equal(environment("MOSAIC_TEST_EMPTY"), undefined);
  assert.equal(environment("MOSAIC_TEST_FULL"), "x");
  assert.equal(environment("MOSAIC_TEST_ABSENT"), undefined);
});
