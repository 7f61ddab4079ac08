import assert from "node:assert/strict";
import { test } from "node:test";
import { commandLine, forLivePane, formatLiteral } from "./command-line.ts";

test("plain words stay as they are, and everything else is quoted", () => {
  const line = commandLine(["send-keys", "-t", "%4", "$HOME ~ #{x} ; {", ""]);
  assert.deepEqual(line, { text: `send-keys -t '%4' '$HOME ~ #{x} ; {' ''`, blocks: 1 });
});

test("quotes and line ends are taken out of the single quotes", () => {
  assert.equal(commandLine(["x", "it's\na\r"]).text, `x 'it'"'"'s'"\\n"'a'"\\r"''`);
});

test("a line never holds a line end", () => {
  assert.doesNotMatch(commandLine(["x", "a\nb\r\nc", "\n"]).text, /[\r\n]/);
});

test("several commands make one line and as many blocks", () => {
  assert.deepEqual(commandLine(["a"], ["b", ";"]), { text: "a ; b ';'", blocks: 2 });
});

test("a command for a live pane answers twice: the choice and what was chosen", () => {
  assert.equal(forLivePane("%4", ["send-keys", "-t", "%4", "Enter"]).blocks, 2);
});

test("a NUL character is refused", () => {
  assert.throws(() => commandLine(["x", "a\0b"]), /NUL/);
});

test("hashes are doubled where tmux would read a format", () => {
  assert.equal(formatLiteral("/a#{pid}#b##c#[d]##[e]#"), "/a##{pid}##b####c#[d]##[e]##");
});
