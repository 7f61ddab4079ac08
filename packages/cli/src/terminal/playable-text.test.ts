import assert from "node:assert/strict";
import { test } from "node:test";
import { createPlayableFilter } from "./playable-text.ts";

const filtered = (text: string) => createPlayableFilter().push(text);

test("text, colours, movements and what erases are let through as they are", () => {
  for (const text of [
    "plain äöü 漢字 🙂 \r\n\t\b",
    "\x1b[1;38;5;208m\x1b[4:3m\x1b[0m\x1b[m",
    "\x1b[H\x1b[2J\x1b[10;20f\x1b[3A\x1b[K\x1b[5L\x1b[2;10r\x1b[3X\x1b[s\x1b[u",
    "\x1b7\x1b8\x1bD\x1bE\x1bM\x1bc\x1b=\x1b>",
    "\x1b(0\x0eqqq\x0f\x1b(B\x1b#8",
    "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2026h\x1b[?1;0$p".slice(0, -8),
    "\x1b[4h\x1b[!p\x1b[2 q\x1b[?6;7h",
  ])
    assert.equal(filtered(text), text, JSON.stringify(text));
});

test("what would act on the terminal or make it answer is dropped whole", () => {
  for (const text of [
    "\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x1b\\",
    "\x1b]8;;http://x\x1b\\",
    "\x1b]11;?\x07",
    "\x1bP$q m\x1b\\",
    "\x1bPtmux;\x1b\\",
    "\x1b_Gi=1;AAAA\x1b\\",
    "\x1bktitle\x1b\\",
    "\x1b[c",
    "\x1b[>c",
    "\x1b[6n",
    "\x1b[?6n",
    "\x1b[?2026$p",
    "\x1b[18t",
    "\x1b[?1000h",
    "\x1b[?1006;1000h",
    "\x1b[?2004h",
    "\x1b[?1h",
    "\x1b[>4;2m",
    "\x1b[>1u",
    "\x1b[<u",
    "\x1bZ",
    "\x05",
    "\x07",
    "\x7f",
    "\x9b6n".slice(0, 1),
  ])
    assert.equal(filtered(`a${text}b`), "ab", JSON.stringify(text));
});

test("what is cut anywhere comes out the same", () => {
  const text = "a\x1b[1;31mb\x1b]0;ti\x1b\\c\x1b[6n漢\x1b(0q\x1b(B\x1bPx\x1b\\\x1b[?1049h🙂d\x1b[2;3";
  const whole = filtered(text);
  assert.equal(whole, "a\x1b[1;31mbc漢\x1b(0q\x1b(B\x1b[?1049h🙂d");
  for (const size of [1, 2, 3, 5]) {
    const filter = createPlayableFilter();
    let kept = "";
    for (let start = 0; start < text.length; start += size) kept += filter.push(text.slice(start, start + size));
    assert.equal(kept, whole, `pieces of ${size}`);
  }
});

test("a string without end swallows until it is cancelled, and a sequence without end is given up", () => {
  assert.equal(filtered("a\x1b]0;never\x18b"), "ab");
  assert.equal(filtered("a\x1b]0;never\x1b[1mb"), "a\x1b[1mb");
  assert.equal(filtered(`a\x1b[${"1;".repeat(500)}mb`).endsWith("b"), true);
});
