/** Holds the examples of every manual to the table: each is a command line that is understood. test/mesh/examples runs them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../cli.ts";
import { memoryIo } from "../io/memory-io.ts";
import { checkArguments } from "../parse/check-arguments.ts";
import { findCommand } from "../parse/find-command.ts";
import { GLOBAL_FLAGS } from "../parse/global-options.ts";
import { parseFlags } from "../parse/parse-flags.ts";
import { COMMANDS } from "./command-table.ts";

/** Splits a line as a shell would, and at its operators; what a redirection names is left out. */
function commandLines(line: string): string[][] {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(<\(|\|\||&&|[|;<>()])|([^\s'"|;<>()]+)/g)];
  const lines: string[][] = [[]];
  for (const [index, [, single, double, operator, plain]] of words.entries()) {
    const isTarget = words[index - 1]?.[3] === ">" || words[index - 1]?.[3] === "<";
    if (operator !== undefined) lines.push([]);
    else if (!isTarget) lines.at(-1)?.push(single ?? double ?? plain ?? "");
  }
  return lines.filter(([first]) => first === "mosaic").map((each) => each.slice(1));
}

test("every example is a command line that is understood, and of the command that it stands with", () => {
  let count = 0;
  for (const command of COMMANDS) {
    const found = command.examples.flatMap(({ line }) => commandLines(line).map((argv) => ({ line, argv })));
    for (const { line, argv } of found) {
      const understood = findCommand(argv, COMMANDS);
      assert.ok(understood.kind === "command", line);
      const own = understood.command.flags;
      const flags = [...own, ...GLOBAL_FLAGS.filter(({ name }) => !own.some((each) => each.name === name))];
      assert.doesNotThrow(() => checkArguments(understood.command, parseFlags(understood.rest, flags, {}, line).args), line);
      count += 1;
    }
    const isOwn = found.some(({ argv }) => command.path.every((word, index) => argv[index] === word));
    // One that another program is to run stands in that program's line.
    assert.ok(isOwn || found.length === 0, `${command.path.join(" ")}: no example of it`);
  }
  assert.ok(count > 60, `saw only ${count}`);
});

test("every command shows its examples with --help, and help is an answer", async () => {
  for (const { path, examples } of COMMANDS) {
    const io = memoryIo({});
    assert.equal(await runCli([...path, "--help"], io), 0);
    assert.ok(examples.length > 0, path.join(" "));
    for (const { line } of examples) assert.ok(io.stdout.text.includes(line), `${path.join(" ")} --help lacks: ${line}`);
  }
});

test("this test can tell: a flag that there is not is seen", () => {
  assert.deepEqual(commandLines(`mosaic a 'b c' && mosaic d > e | f`), [["a", "b c"], ["d"]]);
  assert.throws(() => parseFlags(["--no-such-flag"], GLOBAL_FLAGS, {}, "x"));
});
