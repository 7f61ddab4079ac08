import assert from "node:assert/strict";
import { test } from "node:test";
import { Evidence, HeartbeatStatus, type PaneCapture } from "@mosaic/core";
import { hearPi } from "./hear-pi.ts";
import { blockedPi, draftInPi } from "./pi-screen.ts";

const hear = (payload: unknown) => hearPi({ payload, atUnixMs: 1 });
const rule = "─".repeat(100);
const footer = ["/srv/work", "0.0%/200k (auto)                    stub-model", "", ""];
const screen = (...block: string[]) => [" hello", "", " reply 1", "", rule, ...block, rule, ...footer];
const blocked = (lines: readonly string[]) => blockedPi({ lines } as PaneCapture);

test("an accepted prompt is heard with its text and turn, and a cut one as nothing", () => {
  assert.deepEqual(hear({ event: "accepted", sessionId: "s", turnId: "t", text: " hello\n" }), {
    ...{ status: HeartbeatStatus.BUSY, sessionId: "s", turnId: "t" },
    accepted: [{ text: " hello\n", turnId: "t", evidence: Evidence.HOOK }],
  });
  assert.equal(hear({ event: "accepted", sessionId: "s", turnId: "t", isCut: true }), undefined);
});

test("a failure names what it is, and a broken turn says why in words", () => {
  assert.equal(hear({ event: "failed", reason: "429 Too Many Requests" })?.detail, "rate_limit");
  const broken = hear({ event: "broken", turnIds: ["t"], reason: "401 invalid\nx-api-key", isInterrupted: false });
  assert.deepEqual(broken?.brokenTurns, [{ turnId: "t", isInterrupted: false, detail: "auth: 401 invalid x-api-key" }]);
  const interrupted = hear({ event: "broken", turnIds: ["t"], reason: "interrupted", isInterrupted: true });
  assert.deepEqual(interrupted?.brokenTurns, [{ turnId: "t", isInterrupted: true, detail: "interrupted" }]);
});

test("a draft is what stands between the last two rules, a tall one too", () => {
  assert.equal(draftInPi(screen("")), undefined);
  assert.equal(draftInPi(screen("a draft", "of two lines")), "a draft\nof two lines");
  const tall = [" hello", `${"─".repeat(3)} ↑ 3 more ${"─".repeat(80)}`, "the rest", rule, ...footer];
  assert.equal(draftInPi(tall), "the rest");
  assert.equal(blocked(screen("a draft")), undefined);
});

test("a list in the composer's place is no draft, and blocks; so does a screen without a composer", () => {
  for (const list of [
    [">", "", "→ stub-model [stub] ✓"],
    [" Select authentication method:", "", " → Use a subscription"],
    [" Resume Session", "", "› hello"],
  ]) {
    assert.equal(draftInPi(screen(...list)), undefined);
    assert.match(blocked(screen(...list)) ?? "", /list or a dialog/);
  }
  for (const lines of [[], ["fd not found."], [rule]]) assert.match(blocked(lines) ?? "", /no composer/);
});
