import assert from "node:assert/strict";
import { test } from "node:test";
import { aborted } from "./aborted.ts";

test("who waits for the end of a call waits no longer, also when it is over already", async () => {
  const call = new AbortController();
  let isOver = false;
  const waiting = aborted(call.signal).then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isOver, false);
  call.abort();
  await waiting;
  await aborted(call.signal);
});
