/** Runs what README and docs show people to type, against a demo fleet. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type DemoFleet, MOSAIC, startDemoFleet } from "../mesh/demo-fleet.ts";
import { type ProgramEnd, runToEnd } from "../mesh/run-program.ts";
import { differenceFrom, howToRun, type ShownCommand, shownCommands } from "./console-blocks.ts";

const root = join(import.meta.dirname, "../..");
/** The folder that the pages use for the fleet that a reader started. */
const SHOWN_FOLDER = "/tmp/fleet";

const pages = ["README.md", ...globSync("docs/**/*.md", { cwd: root }).sort()].filter((page) => existsSync(join(root, page)));

describe("what the pages show", { timeout: 120_000 }, () => {
  let fleet: Promise<DemoFleet> | undefined;
  after(async () => (await fleet)?.[Symbol.asyncDispose]());
  for (const page of pages) {
    const commands = shownCommands(readFileSync(join(root, page), "utf8"));
    if (commands.length === 0) continue;
    test(page, { timeout: 90_000 }, async (t) => {
      fleet ??= startDemoFleet({ hosts: 3, agents: 3 });
      for (const shown of commands) {
        const how = howToRun(shown.command);
        if ("reason" in how) t.diagnostic(`${page}:${shown.line}: not run, ${how.reason}: ${shown.command}`);
        else await assertAsShown(page, shown, how.argv, await fleet);
      }
    });
  }
});

describe("a console block", () => {
  const page = "text\n```console\n$ mosaic fleet ps \\\n    --all-hosts\nTENANT[..]\n\n$ curl x\n```\n```sh\n$ mosaic no\n```\n";

  test("is read as commands with what they print", () => {
    assert.deepEqual(shownCommands(page), [
      { line: 3, command: "mosaic fleet ps --all-hosts", output: ["TENANT[..]"] },
      { line: 7, command: "curl x", output: [] },
    ]);
  });

  test("is run without a shell, or not at all", () => {
    assert.deepEqual(howToRun("npx mosaic host list  # all"), { argv: ["mosaic", "host", "list"] });
    assert.deepEqual(howToRun("npm run --silent mosaic -- version"), { argv: ["mosaic", "version"] });
    assert.deepEqual(howToRun(`mosaic gateway call List '{"a":"$X|"}'`), {
      argv: ["mosaic", "gateway", "call", "List", '{"a":"$X|"}'],
    });
    for (const command of ["mosaic fleet ps | jq .", "mosaic demo run", "rm -rf x", "mosaic agent tail lead --follow"]) {
      assert.ok("reason" in howToRun(command), command);
    }
  });

  test("must show what happens", () => {
    const end = (stdout: string, stderr: string, exitCode: number): ProgramEnd => ({
      stdout,
      stderr,
      exitCode,
      signal: undefined,
      durationMs: 1,
    });
    const shown = (...output: string[]) => ({ line: 1, command: "x", output });
    assert.equal(differenceFrom(shown(), end("anything", "", 0)), undefined);
    assert.equal(differenceFrom(shown("mosaic: no", "hint: do"), end("", "mosaic: no\nhint: do\n", 2)), undefined);
    assert.equal(differenceFrom(shown("... INCOMPLETE: 1"), end("... INCOMPLETE: 1\n", "", 3)), undefined);
    assert.match(differenceFrom(shown(), end("", "", 1)) ?? "", /exit code 1/);
    assert.match(differenceFrom(shown("a"), end("b", "", 0)) ?? "", /differs at line 1/);
  });
});

async function assertAsShown(page: string, shown: ShownCommand, argv: readonly string[], fleet: DemoFleet): Promise<void> {
  const [program = "", ...args] = argv.map((word) => word.replaceAll(SHOWN_FOLDER, fleet.directory));
  const command: [string, ...string[]] = program === "mosaic" ? [...MOSAIC, ...args] : [program, ...args];
  const end = await runToEnd(command, { env: fleet.env, cwd: fleet.folder });
  const seen = {
    ...end,
    stdout: end.stdout.replaceAll(fleet.directory, SHOWN_FOLDER),
    stderr: end.stderr.replaceAll(fleet.directory, SHOWN_FOLDER),
  };
  const difference = differenceFrom(shown, seen);
  assert.equal(
    difference,
    undefined,
    `${page}:${shown.line}: $ ${shown.command}\n${difference}\n--- it prints ---\n${seen.stdout}${seen.stderr}---`,
  );
}
