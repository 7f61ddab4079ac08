import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@mosaic/testkit";
import { decodeResumeToken, encodeResumeToken } from "./resume-token.ts";

const point = { epoch: "9f1c", rev: 12_345n, selector: "team-a;;" };
const expected = { epoch: point.epoch, selector: point.selector };

test("a token resumes where it was made, for any revision", () => {
  for (const rev of [0n, 1n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
    assert.deepEqual(decodeResumeToken(encodeResumeToken({ ...point, rev }), expected), { kind: "resume", rev });
  }
});

test("a token is bound to its epoch and selector: another one resets, with the reason, the epoch first", () => {
  const token = encodeResumeToken(point);
  assert.deepEqual(decodeResumeToken(token, { ...expected, epoch: "other" }), { kind: "reset", reason: "epoch-changed" });
  assert.deepEqual(decodeResumeToken(token, { ...expected, selector: "" }), { kind: "reset", reason: "selector-changed" });
  assert.deepEqual(decodeResumeToken(token, { epoch: "other", selector: "" }), { kind: "reset", reason: "epoch-changed" });
});

test("bytes that are no token are invalid and never throw", () => {
  const random = seededRandom(7);
  for (let round = 0; round < 2000; round += 1) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256));
    assert.deepEqual(decodeResumeToken(bytes, expected), { kind: "reset", reason: "invalid" });
  }
});

test("a token with any one byte changed never resumes from a place that was not given out", () => {
  const token = encodeResumeToken(point);
  for (let at = 0; at < token.length; at += 1) {
    for (const flip of [0x01, 0x20, 0x80]) {
      const bent = Uint8Array.from(token);
      bent[at] = (bent[at] ?? 0) ^ flip;
      const meaning = decodeResumeToken(bent, expected);
      // A changed digit is another revision, which the log itself checks; nothing else may pass.
      if (meaning.kind === "resume") assert.match(meaning.rev.toString(), /^\d{1,5}$/);
    }
  }
});

test("JSON of the right shape with wrong parts is invalid", () => {
  for (const text of [
    "[]",
    "{}",
    "null",
    '[1,"9f1c","-1","0"]',
    '[1,"9f1c","1e3","0"]',
    '[2,"9f1c","1","0"]',
    '[1,"9f1c",1,"0"]',
    '[1,2,"1","0"]',
    `[1,"9f1c","${"9".repeat(21)}","0"]`,
  ]) {
    assert.deepEqual(decodeResumeToken(new TextEncoder().encode(text), expected), { kind: "reset", reason: "invalid" }, text);
  }
});
