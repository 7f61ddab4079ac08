/** Holds the command line to its promise: whoever mistypes a letter of a command is told which one was meant. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../cli.ts";
import { memoryIo } from "../io/memory-io.ts";
import { COMMANDS } from "./command-table.ts";

/** A word with two neighbours swapped, as hasty fingers do it; undefined when that is the word itself, or another one. */
function misspelt(word: string, known: ReadonlySet<string>): string | undefined {
  for (let index = word.length - 2; index > 0; index -= 1) {
    const swapped = `${word.slice(0, index)}${word[index + 1]}${word[index]}${word.slice(index + 2)}`;
    if (swapped !== word && !known.has(swapped)) return swapped;
  }
  return undefined;
}

async function typed(words: readonly string[]): Promise<{ exitCode: number; stderr: string }> {
  const io = memoryIo({});
  return { exitCode: await runCli(words, io), stderr: io.stderr.text };
}

const WORDS = new Set(COMMANDS.flatMap(({ path }) => path));

test("every command with two letters of a word swapped is suggested", async () => {
  let count = 0;
  for (const { path } of COMMANDS) {
    for (const [place, word] of path.entries()) {
      const wrong = misspelt(word, WORDS);
      if (wrong === undefined) continue;
      const line = path.with(place, wrong);
      const { exitCode, stderr } = await typed(line);
      const told = `mosaic ${line.join(" ")}\n${stderr}`;
      assert.equal(exitCode, 2, told);
      const meant = `mosaic ${path.slice(0, place + 1).join(" ")}`;
      const [, hint = ""] = /^hint: did you mean (.+)\?$/m.exec(stderr) ?? [];
      assert.ok(hint.split(/,? or |, /).includes(meant), `${meant} is not suggested for:\n${told}`);
      count += 1;
    }
  }
  assert.ok(count > 120, `only ${count}`);
});

test("every flag of every command with a letter left out is suggested", async () => {
  for (const { path, flags } of COMMANDS) {
    const known = new Set(flags.map(({ name }) => name));
    for (const { name } of flags.filter((flag) => flag.name.length > 4)) {
      const wrong = `${name.slice(0, 2)}${name.slice(3)}`;
      if (known.has(wrong)) continue;
      const { exitCode, stderr } = await typed([...path, `--${wrong}`]);
      assert.equal(exitCode, 2);
      assert.match(stderr, new RegExp(`did you mean .*--${name}\\b`), `mosaic ${path.join(" ")} --${wrong}\n${stderr}`);
    }
  }
});
