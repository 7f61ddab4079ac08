import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { seededRandom } from "@mosaic/testkit";
import { environmentLine, shellWord, unitPath, unitWord } from "./quoting.ts";

test("a real shell reads back every text that was quoted for it", () => {
  const random = seededRandom(20261121);
  const alphabet = ["'", '"', "\\", "$", "`", "\n", " ", "*", "~", "!", "#", "é", "-", ";", "&", "(", "a"];
  const texts = Array.from({ length: 200 }, () =>
    Array.from({ length: 1 + Math.floor(random() * 12) }, () => alphabet[Math.floor(random() * alphabet.length)]).join(""),
  );
  const script = `printf '%s\\0' ${["", ...texts].map(shellWord).join(" ")}`;
  assert.deepEqual(execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1), ["", ...texts]);
});

test("in a unit neither specifiers nor variables nor quotes are left with a meaning", () => {
  assert.equal(unitWord('a b%h$HOME"\\'), '"a b%%h$$HOME\\"\\\\"');
  assert.equal(unitPath("/srv/50% off/x y"), "/srv/50%% off/x y");
});

test("a variable of an environment file is one quoted line", () => {
  assert.equal(environmentLine("A", 'x "y" `z` $HOME \\ é'), 'A="x \\"y\\" \\`z\\` \\$HOME \\\\ é"\n');
});
