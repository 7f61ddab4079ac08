import assert from "node:assert/strict";
import { test } from "node:test";
import { colouredText, plainText, safeJson, screenText } from "./plain-text.ts";

const attacks: Record<string, string> = {
  "a title": "a\x1b]0;owned\x07b",
  "a title ended by ST": "a\x1b]2;owned\x1b\\b",
  "a clear screen": "a\x1b[2J\x1b[Hb",
  "a report request": "a\x1b[6nb",
  "a device string": "a\x1bP$q\x1b\\b",
  "a 8-bit CSI": "a\x9b31mb",
  "a 8-bit OSC": "a\x9d0;owned\x9cb",
  "a hyperlink": "a\x1b]8;;http://x\x07b\x1b]8;;\x07",
  "a clipboard write": "a\x1b]52;c;b3duZWQ=\x07b",
  "an unfinished escape": "a\x1b]0;never ended b",
  "a lone escape": "ab\x1b",
  "a reset": "a\x1bcb",
  "backspaces and returns": "ab\b\b\r\nc\x7f\0",
};
const isHarmless = (text: string) => !/[\x00-\x1f\x7f-\x9f]/.test(text);

for (const [name, attack] of Object.entries(attacks)) {
  test(`${name} reaches no terminal`, () => {
    assert.ok(isHarmless(plainText(attack)), JSON.stringify(plainText(attack)));
    assert.ok(isHarmless(screenText(attack)), JSON.stringify(screenText(attack)));
    const coloured = colouredText(attack).replace(/\x1b\[[0-9;:]*m/g, "");
    assert.ok(isHarmless(coloured), JSON.stringify(coloured));
    const json = safeJson({ attack });
    assert.ok(isHarmless(json));
    assert.deepEqual(JSON.parse(json), { attack });
  });
}

test("plain text shows what was taken out", () => {
  assert.equal(plainText("a\x1b[31mb\nc\td"), "a\\x1b[31mb\\nc\\td");
  assert.equal(plainText("abc\u202etxt.exe\u2066"), "abc\\u202etxt.exe\\u2066");
  assert.equal(plainText("\ud800x"), "\ufffdx");
});

test("honest text stays as it is", () => {
  const honest = "größer 日本語 👩‍💻 naïve — “quoted” ñ";
  for (const make of [plainText, screenText, colouredText]) assert.equal(make(honest), honest);
});

test("screen text drops escapes whole, and keeps the rest", () => {
  assert.equal(screenText("\x1b[1;31mred\x1b[0m\tx\x1b]0;title\x07y"), "red    xy");
});

test("coloured text keeps colours and nothing else", () => {
  assert.equal(
    colouredText("\x1b[1;38;5;9mred\x1b[m \x1b[2Kx\x1b[38:2::1:2:3my\x1b[>4;2mz"),
    "\x1b[1;38;5;9mred\x1b[m x\x1b[38:2::1:2:3myz",
  );
  assert.equal(colouredText(`\x1b[${"1;".repeat(100)}mx`), "x");
});

test("a megabyte of hostile text takes no longer than a megabyte should", () => {
  const startedAtMs = performance.now();
  for (const unit of ["\x9d", "\x1b]", "\x1b[", "\x1b[0", "\x1b ", "\x1bP0"])
    for (const make of [plainText, screenText, colouredText]) make(unit.repeat(500_000));
  assert.ok(performance.now() - startedAtMs < 10_000);
});
