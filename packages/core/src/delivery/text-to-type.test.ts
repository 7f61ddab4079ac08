import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@mosaic/testkit";
import { MosaicError } from "../errors.ts";
import { canonicalPrompt } from "./canonical-prompt.ts";
import { textToType } from "./text-to-type.ts";

const isRefused = (thrown: unknown) =>
  thrown instanceof MosaicError && thrown.code === "USAGE" && /U\+[0-9A-F]{4}/.test(thrown.message);

test("plain text is typed as it is, with tabs, line breaks and any script", () => {
  for (const text of ["hello", "a\tb\nc", "Grüße, 日本 🦑", " leading blanks", "\n", "a ! b / c"])
    assert.equal(textToType(text, "claude", "x"), text);
});

test("every kind of line end becomes one line feed", () => {
  assert.equal(textToType("a\r\nb\rc\n\r\nd", "claude", ""), "a\nb\nc\n\nd");
});

test("no text can end the paste and press keys", () => {
  const breakouts = [
    "\u001b[201~\rrm -rf /",
    "x\u001b[201~",
    "\u001b[20\u001b[201~1~",
    "\u009b201~",
    "\u001b]0;title\u0007",
    "\u0000",
    "\u0003",
    "\u0004",
    "\u0008",
    "\u007f",
    "\u0085",
    "\u001bOM",
    "\u0016\u001b",
  ];
  for (const text of breakouts) assert.throws(() => textToType(text, "stub", "x"), isRefused, JSON.stringify(text));
});

test("each C0 and C1 control but tab and line feed is refused anywhere in a text, and nothing else is", () => {
  for (let code = 0; code < 0x300; code += 1) {
    const isControl = (code < 0x20 && code !== 9 && code !== 10 && code !== 13) || (code >= 0x7f && code < 0xa0);
    const text = `before${String.fromCodePoint(code)}after`;
    if (isControl) assert.throws(() => textToType(text, "stub", "x"), isRefused, code.toString(16));
    else assert.doesNotThrow(() => textToType(text, "stub", "x"), code.toString(16));
  }
});

test("what comes out never holds a control character, whatever goes in", () => {
  const random = seededRandom(11);
  for (let round = 0; round < 3000; round += 1) {
    const text = String.fromCodePoint(...Array.from({ length: 1 + Math.floor(random() * 8) }, () => Math.floor(random() * 0xb0)));
    try {
      assert.doesNotMatch(textToType(text, "claude", text), /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    } catch (thrown) {
      if (!isRefused(thrown)) throw thrown;
    }
  }
});

test("a text that a runtime would run as a command gets its sender in front", () => {
  for (const text of ["!rm -rf /", "/clear", "  /clear", "\n\n!ls", "\t/x", "\u00a0/clear"]) {
    for (const runtime of ["claude", "codex", "opencode", "pi", "command", ""]) {
      assert.equal(textToType(text, runtime, "desk:operator"), `[from desk:operator] ${text}`);
    }
  }
  assert.equal(textToType("/clear", "stub", "x"), "/clear", "the stub runs nothing");
});

test("a text that would end a program gets its sender in front, and one that only holds the word does not", () => {
  for (const text of ["exit", " Quit\n", ":q", ":q!", ":wq"])
    assert.equal(textToType(text, "claude", "desk:operator"), `[from desk:operator] ${text}`);
  for (const text of ["exit now", "please exit", "quitter", ":query"]) assert.equal(textToType(text, "claude", "x"), text);
});

test("a text after which Enter would not submit ends in a blank, which is not counted", () => {
  for (const text of ["look at @src", "@", "a\n@src/x.ts", "cost $HOME", "a path C:\\", "(\\"]) {
    assert.equal(textToType(text, "claude", "x"), `${text} `);
    assert.equal(canonicalPrompt(textToType(text, "claude", "x")), canonicalPrompt(text));
    assert.equal(textToType(text, "stub", "x"), text);
  }
  for (const text of ["me@example.com", "@src is it", "a\\b", "@src\n", "1$", "#x"])
    assert.equal(textToType(text, "claude", "x"), text);
});

test("the sender's label can't smuggle anything in, and without one it is ours", () => {
  assert.equal(textToType("!ls", "claude", ""), "[from mosaic] !ls");
  assert.equal(textToType("!ls", "claude", "a\u001b[201~\nb"), "[from a?[201~?b] !ls");
});
