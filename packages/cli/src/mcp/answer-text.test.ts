import assert from "node:assert/strict";
import { test } from "node:test";
import { answerText } from "./answer-text.ts";

test("an answer is what stands after the last line that shows the prompt", () => {
  const screen = ["> what is 2+2?", "5", "", "┃ › what is 2+2?", "", "to what is 2+2? I say", "4", "", ""];
  assert.deepEqual(answerText(screen, "what is 2+2?\nplease"), { text: "to what is 2+2? I say\n4", isAfterPrompt: true });
});

test("a prompt that is gone from the screen leaves its last lines, and that is said", () => {
  const screen = Array.from({ length: 60 }, (_, line) => `line ${line}`);
  const { text, isAfterPrompt } = answerText(screen, "something else");
  assert.deepEqual([text.split("\n").length, text.split("\n").at(-1), isAfterPrompt], [40, "line 59", false]);
});

test("a long prompt is found by its beginning, and an empty screen is no answer", () => {
  const prompt = "x".repeat(200);
  assert.deepEqual(answerText([`> ${prompt.slice(0, 78)}`, "done"], prompt), { text: "done", isAfterPrompt: true });
  assert.deepEqual(answerText(["", ""], "x"), { text: "", isAfterPrompt: false });
});
