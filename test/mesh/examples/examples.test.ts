/** Runs every example of every manual as it is typed, in a shell, against a real fleet; and with --json where there is one. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Command } from "../../../packages/cli/src/command.ts";
import { COMMANDS } from "../../../packages/cli/src/command-table/command-table.ts";
import type { ProgramEnd } from "../run-program.ts";
import { type ExampleWorld, openExampleWorld } from "./example-world.ts";
import { EXPECTED_ENDS } from "./expected-ends.ts";
import { fillIn } from "./fill-in.ts";
import { judgeEnd, judgeJson } from "./judge-end.ts";
import { placeOf } from "./place.ts";
import { isInterrupted, runExample } from "./run-example.ts";
import { takeTurns } from "./take-turns.ts";

/** Run elsewhere, as it stands. */
const ELSEWHERE = new Set(["mosaic demo run", "mosaic demo run --once --json"]);
const LAST = "demo down";

let world: ExampleWorld;
before(async () => {
  world = await openExampleWorld();
});
after(() => world?.[Symbol.asyncDispose]());

const turns = takeTurns();

/** Runs a line at its place; what changes a place is not run beside another there. */
async function run(example: string): Promise<ProgramEnd> {
  const name = placeOf(example);
  const work = async () => {
    const { line, place } = await fillIn(example, world);
    return await runExample(line, place, () => world.mosaic(world.places.fleet, "agent", "send", "beta/lead", "-m", "go on"));
  };
  return name === "spare" || name === "authority" ? await turns(name, work) : await work();
}

async function proveCommand({ examples, schema }: Command): Promise<void> {
  const lines = examples.map(({ line }) => line).filter((line) => !ELSEWHERE.has(line));
  const json = schema && lines.find((line) => !/[|<>&]|--jsonl/.test(line) && !isInterrupted(line));
  for (const line of lines) {
    judgeEnd(line, await run(line), EXPECTED_ENDS, isInterrupted(line));
    if (line !== json || schema === undefined) continue;
    const asked = line.includes("--json") ? line : `${line} --json`;
    judgeJson(asked, await run(asked), schema, EXPECTED_ENDS);
  }
}

describe("the examples of", { concurrency: 2 }, () => {
  for (const command of COMMANDS.filter(({ path }) => path.join(" ") !== LAST)) {
    test(`mosaic ${command.path.join(" ")}`, () => proveCommand(command));
  }
});

test(`the examples of mosaic ${LAST}`, async () => {
  const command = COMMANDS.find(({ path }) => path.join(" ") === LAST);
  assert.ok(command);
  await proveCommand(command);
});

test("what is told of examples that end otherwise is told of lines that there are", () => {
  const lines = new Set(COMMANDS.flatMap(({ examples }) => examples.flatMap(({ line }) => [line, `${line} --json`])));
  assert.deepEqual(
    [...EXPECTED_ENDS.map(({ line }) => line), ...ELSEWHERE].filter((line) => !lines.has(line)),
    [],
  );
});
