import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryBucket } from "./retry-bucket.ts";

test("retries are a tenth of the calls, after the first ten", () => {
  const bucket = new RetryBucket();
  let retries = 0;
  for (let call = 0; call < 1000; call += 1) {
    bucket.noteCall();
    if (bucket.take()) retries += 1;
  }
  assert.ok(retries >= 100 && retries <= 111, `${retries} retries of 1000 calls that all failed`);
});

test("a quiet time saves no more than ten retries up", () => {
  const bucket = new RetryBucket();
  for (let call = 0; call < 10_000; call += 1) bucket.noteCall();
  let retries = 0;
  while (bucket.take()) retries += 1;
  assert.equal(retries, 10);
});
