import assert from "node:assert/strict";
import { test } from "node:test";
import { IdentifiedNames } from "./identified-names.ts";

const named = { tenantId: "team-a", host: "alpha", hostId: "" };
const identified = { ...named, hostId: "h1" };
const other = { ...named, host: "beta" };

const concerned = (names: IdentifiedNames<string>) =>
  names.takeConcerned().map(({ who, host }) => `${who} ${host.host}${host.hostId}`);

test("who expects a host by name only is concerned when it becomes known by an id, and when the last such goes; nobody else is", () => {
  const names = new IdentifiedNames<string>();
  names.expects("first", [named]);
  names.expects("second", [named, other]);
  names.expects("third", [other, identified]);
  assert.deepEqual(concerned(names), [], "nothing happened");
  names.count(identified, 1);
  assert.deepEqual(concerned(names).sort(), ["first alpha", "second alpha"]);
  assert.deepEqual([names.givesWay(named), names.givesWay(other), names.givesWay(identified)], [true, false, false]);
  names.count({ ...identified, hostId: "h2" }, 1);
  names.count(identified, -1);
  assert.deepEqual(concerned(names), [], "still known by an id");
  names.count({ ...identified, hostId: "h2" }, -1);
  assert.deepEqual(concerned(names).sort(), ["first alpha", "second alpha"]);
});

test("what somebody no longer expects does not concern it", () => {
  const names = new IdentifiedNames<string>();
  names.expects("first", [named]);
  names.expects("first", [identified]);
  names.expects("second", [named]);
  names.forget("second");
  names.count(identified, 1);
  assert.deepEqual(concerned(names), []);
});
