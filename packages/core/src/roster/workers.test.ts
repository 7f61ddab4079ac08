import assert from "node:assert/strict";
import { test } from "node:test";
import { aRoster } from "@mosaic/testkit";
import type { RosterAgent } from "./roster.ts";
import { formatWorker, parseWorker, withWorkers } from "./workers.ts";

const [template] = aRoster(["coder"]).agents as [RosterAgent];
const worker: RosterAgent = { ...template, name: "coder.l1", lifecycle: "ephemeral", lane: "l1" };

test("what is written is what is read", () => {
  assert.deepEqual(parseWorker(formatWorker(worker)), worker);
});

test("a torn or foreign file is no worker", () => {
  const text = formatWorker(worker);
  for (let length = 0; length < text.length - 2; length++) assert.equal(parseWorker(text.slice(0, length)), undefined);
  for (const foreign of ["null", "[]", "{}", formatWorker(template), formatWorker({ ...worker, name: "../x" })]) {
    assert.equal(parseWorker(foreign), undefined, foreign);
  }
});

test("a worker joins the roster, and one with an entry's name stands in its place", () => {
  const roster = aRoster(["lead", "coder"]);
  assert.deepEqual(
    withWorkers(roster, [worker]).agents.map((agent) => agent.name),
    ["lead", "coder", "coder.l1"],
  );
  const named = { ...worker, name: "coder" };
  assert.deepEqual(
    withWorkers(roster, [named]).agents.map((agent) => [agent.name, agent.lane]),
    [
      ["lead", undefined],
      ["coder", "l1"],
    ],
  );
  assert.equal(withWorkers(roster, []), roster);
});
