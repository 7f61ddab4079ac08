import assert from "node:assert/strict";
import { test } from "node:test";
import { Evidence, HeartbeatStatus, type PaneCapture } from "@mosaic/core";
import { hearOpencode } from "./hear-opencode.ts";
import { blockedOpencode, composerOfOpencode, draftInOpencode } from "./opencode-screen.ts";

const hear = (payload: unknown) => hearOpencode({ payload, atUnixMs: 1 });

/** A session's screen as 1.18.33 draws it at 120 columns and more: a column of its own on the right. */
const session = (...draft: string[]) => [
  "  ┃                                                  reply 1 of the model",
  "  ┃  hello",
  "  ┃                                                  Context",
  "",
  "     reply 2 of the model",
  "",
  ...["", ...draft, ""].map((line) => `  ┃  ${line.padEnd(48)}$0.00 spent`),
  "  ┃  Build · Stub Model Stub                         /srv/work",
  `  ╹${"▀".repeat(47)}`,
  "   /srv/work               110 (0%)  ctrl+p commands    • OpenCode 1.18.33",
];
const first = (placeholder: string) => [
  "          █▀▀█ █▀▀█ █▀▀█ █▀▀▄",
  "",
  "      ┃",
  `      ┃  ${placeholder}`,
  "      ┃",
  "      ┃  Build · Stub Model Stub",
  `      ╹${"▀".repeat(40)}`,
  "                  tab agents  ctrl+p commands",
];
const capture = (lines: readonly string[], cursorRow: number, isCursorVisible = true) =>
  ({ lines, cursorRow, isCursorVisible }) as PaneCapture;

test("a draft is what stands in the composer, without what is beside it", () => {
  assert.equal(draftInOpencode(session("")), undefined);
  assert.equal(draftInOpencode(session("a draft", "of two lines")), "a draft\nof two lines");
  assert.equal(draftInOpencode(first('Ask anything… "Fix broken tests"')), undefined);
  assert.equal(draftInOpencode(first("[Pasted ~31 lines]")), "[Pasted ~31 lines]");
  assert.equal(draftInOpencode(["text", "  ┃  hello"]), undefined);
});

test("a text is taken only when the cursor is in the composer and its line of keys is there", () => {
  const lines = session("");
  assert.equal(blockedOpencode(capture(lines, 7)), undefined);
  assert.match(blockedOpencode(capture(lines, 2)) ?? "", /cursor/);
  assert.match(blockedOpencode(capture(lines, 7, false)) ?? "", /cursor/);
  assert.equal(blockedOpencode(capture(lines.slice(0, -1), 7)), "it starts");
  assert.match(blockedOpencode(capture(["", ""], 0)) ?? "", /no composer/);
  assert.match(blockedOpencode(capture(["  ┃  △ Permission required", ...lines], 8)) ?? "", /leave/);
});

test("the first screen takes no text while it is about to go on to the conversation, and the conversation does", () => {
  const home = capture(first('Ask anything… "Fix broken tests"'), 3);
  assert.equal(blockedOpencode(home), undefined);
  assert.match(blockedOpencode(home, 200) ?? "", /about to show its conversation/);
  assert.equal(blockedOpencode(home, 60_000), undefined, "somebody began another conversation");
  assert.equal(blockedOpencode(capture(session(""), 7), 200), undefined);
  assert.notEqual(composerOfOpencode(home.lines), composerOfOpencode(session("")));
  assert.equal(composerOfOpencode([""]), undefined);
});

test("an accepted prompt is heard with its text and opencode's own id of it, and a cut one as nothing", () => {
  assert.deepEqual(hear({ event: "accepted", sessionId: "ses_1", turnId: "msg_1", text: "hello\n" }), {
    ...{ status: HeartbeatStatus.BUSY, sessionId: "ses_1", turnId: "msg_1" },
    accepted: [{ text: "hello\n", turnId: "msg_1", evidence: Evidence.HOOK }],
  });
  assert.equal(hear({ event: "accepted", sessionId: "s", turnId: "t", isCut: true }), undefined);
});

test("an interrupt is idle, an error is failed, and a retry is still busy", () => {
  const broken = (reason: string, isInterrupted: boolean) =>
    hear({ event: "broken", sessionId: "s", turnIds: ["m"], reason, isInterrupted });
  assert.equal(broken("MessageAbortedError: Aborted", true)?.status, HeartbeatStatus.IDLE);
  const failed = broken("APIError 401: no key", false);
  assert.deepEqual([failed?.status, failed?.detail], [HeartbeatStatus.FAILED, "auth"]);
  assert.deepEqual(failed?.brokenTurns, [{ turnId: "m", isInterrupted: false, detail: "auth: APIError 401: no key" }]);
  const retry = hear({ event: "retry", sessionId: "s", reason: "Rate limit exceeded" });
  assert.deepEqual([retry?.status, retry?.detail], [HeartbeatStatus.BUSY, "tries again: rate_limit"]);
});

test("a request for leave waits, a question waits for words, and both end", () => {
  const asked = hear({ event: "asked", sessionId: "s", requestId: "per_1", tool: "bash", summary: "ls \\\n  -l" });
  assert.deepEqual([asked?.status, asked?.waitingFor], [HeartbeatStatus.WAITING, "permission"]);
  assert.deepEqual(asked?.asked, [{ requestId: "per_1", tool: "bash", summary: "ls \\ -l", answerable: true }]);
  assert.deepEqual(hear({ event: "replied", requestId: "per_1" })?.resolvedRequestIds, ["per_1"]);
  assert.deepEqual(hear({ event: "question", requestId: "q" })?.waitingFor, "input");
  assert.equal(hear({ event: "question_ended", requestId: "q" })?.status, HeartbeatStatus.BUSY);
});
