/** Holds docs/troubleshooting.md to the commands: what it says in passing is understood, and the doctor has the checks it names. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ALL_CHECKS } from "../doctor/all-checks.ts";
import { checkArguments } from "../parse/check-arguments.ts";
import { findCommand } from "../parse/find-command.ts";
import { GLOBAL_FLAGS } from "../parse/global-options.ts";
import { parseFlags } from "../parse/parse-flags.ts";
import { COMMANDS } from "./command-table.ts";

const PAGE = readFileSync(new URL("../../../../docs/troubleshooting.md", import.meta.url), "utf8");
const lines = [...PAGE.matchAll(/`mosaic ([^`]+)`|^\$ mosaic (.+)$/gm)].map(([, inline, shown]) => inline ?? shown ?? "");

function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

test("every command that the page names is one", () => {
  assert.ok(lines.length > 40, `${lines.length}`);
  for (const line of lines) {
    const understood = findCommand(wordsOf(line), COMMANDS);
    assert.ok(understood.kind === "command", line);
    const { command, rest } = understood;
    const flags = [...command.flags, ...GLOBAL_FLAGS.filter(({ name }) => !command.flags.some((own) => own.name === name))];
    assert.doesNotThrow(() => parseFlags(rest, flags, {}, line), line);
    // In passing a command may be named without what it needs.
    if (rest.length > 0) assert.doesNotThrow(() => checkArguments(command, parseFlags(rest, flags, {}, line).args), line);
  }
});

test("every check that the page names is one", () => {
  const known = new Set(ALL_CHECKS.map(({ id }) => id));
  const named = lines.flatMap((line) => /--only ([\w,-]+)/.exec(line)?.[1]?.split(",") ?? []);
  assert.ok(named.length > 20);
  assert.deepEqual(
    named.filter((id) => !known.has(id)),
    [],
  );
});
