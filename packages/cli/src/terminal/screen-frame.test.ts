import assert from "node:assert/strict";
import { test } from "node:test";
import { screenEnd, screenFrame, screenLine } from "./screen-frame.ts";

test("a frame begins at the top, cuts its lines, and leaves nothing of what was there before", () => {
  assert.equal(screenFrame(["ab", "cdef"], 3), "\x1b[H\x1b[0m\x1b[Kab\x1b[0m\r\n\x1b[0m\x1b[Jcde\x1b[0m");
  assert.equal(screenFrame([], 3), "\x1b[H\x1b[J");
});

test("nothing is wiped away behind a line: on a terminal of its width that would take its last character", () => {
  for (const drawn of [screenFrame(["ABC", "\x1b[1mDEF"], 3), screenLine("ABC", 3)])
    assert.doesNotMatch(drawn, /[A-F](\x1b\[\d*m)*\x1b\[[KJ]/);
});

test("the end of a screen breaks at words where there is room, and is one line where there is not", () => {
  const end = (rows: number) => screenEnd([], "3 agents. Not shown: PID. q quits.", { columns: 20, rows });
  assert.deepEqual(end(24), ["3 agents. Not shown:", "  PID. q quits."]);
  assert.deepEqual(end(4), ["3 agents. Not shown: PID. q quits."]);
});
