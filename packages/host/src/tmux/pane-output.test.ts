import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePaneOutput, unescapeOctal } from "./pane-output.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

function parsed(line: string): [string, string] | undefined {
  const output = parsePaneOutput(bytes(line));
  return output && [output.paneId, Buffer.from(output.bytes).toString("latin1")];
}

test("output is read with its pane, and octal turned back into bytes", () => {
  assert.deepEqual(parsed("%output %4 a\\033[1mb\\015\\012"), ["%4", "a\x1b[1mb\r\n"]);
  assert.deepEqual(parsed("%output %12 \\134o/ \xff\xc3"), ["%12", "\\o/ \xff\xc3"]);
});

test("the extended form carries an age, which ends at the colon", () => {
  assert.deepEqual(parsed("%extended-output %4 1203 : x : y"), ["%4", "x : y"]);
  assert.deepEqual(parsed("%extended-output %4 0 :  z"), ["%4", " z"]);
});

test("lines that are cut or say something else are no output", () => {
  for (const line of ["%output", "%output %4", "%output 4 x", "%extended-output %4 1203", "%extended-output %4 1203 x"])
    assert.equal(parsed(line), undefined, line);
  assert.deepEqual(parsed("%output %4 "), ["%4", ""]);
});

test("a backslash that no three octal digits follow stays", () => {
  assert.equal(Buffer.from(unescapeOctal(bytes("\\12 \\9 \\777 \\"))).toString("latin1"), "\\12 \\9 \\777 \\");
});

test("every byte survives the way that tmux writes it", () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const escaped = [...all].map((byte) =>
    byte < 0x20 || byte === 0x5c ? `\\${byte.toString(8).padStart(3, "0")}` : String.fromCharCode(byte),
  );
  assert.deepEqual(unescapeOctal(bytes(escaped.join(""))), all);
});
