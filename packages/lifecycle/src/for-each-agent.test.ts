import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { forEachAgent } from "./for-each-agent.ts";

const names = Array.from({ length: 30 }, (_, index) => `agent${index}`);

test("one that fails keeps no other waiting, and the order is that of the names", async () => {
  const outcomes = await forEachAgent(
    names,
    async (name) => {
      if (name === "agent3") throw new MosaicError("UNIT_FAILED", "it would not", { hint: "look" });
      return "started";
    },
    () => {},
    new AbortController().signal,
  );
  assert.deepEqual(
    outcomes.map((outcome) => outcome.name),
    names,
  );
  assert.deepEqual(
    outcomes.filter((outcome) => outcome.outcome === "failed"),
    [{ name: "agent3", outcome: "failed", detail: "it would not", hint: "look" }],
  );
});

test("never more than eight are under way", async () => {
  let underWay = 0;
  let most = 0;
  await forEachAgent(
    names,
    async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return "stopped";
    },
    () => {},
    new AbortController().signal,
  );
  assert.equal(most, 8);
});

test("an interrupt begins nothing more and is the end of the whole", async () => {
  const stop = new AbortController();
  const begun: string[] = [];
  const run = forEachAgent(
    names,
    async (name) => {
      begun.push(name);
      stop.abort(new MosaicError("CANCELLED", "interrupted"));
      return "started";
    },
    () => {},
    stop.signal,
  );
  await assert.rejects(run, (thrown) => MosaicError.from(thrown).code === "CANCELLED");
  assert.ok(begun.length <= 8);
});
