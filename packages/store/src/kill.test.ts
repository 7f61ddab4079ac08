import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import type { StoredMessage } from "@mosaic/core";
import { seededRandom } from "@mosaic/testkit";
import { bundle } from "../../cli/tools/build.ts";
import { LAST_STEP, textOf } from "./storing-plan-for-tests.ts";
import { temporaryStore } from "./temporary-store-for-tests.ts";

const KILLS = 52;
const seed = Number(process.env["MOSAIC_TEST_SEED"] ?? Date.now() % 1_000_000);

// Bundled as the daemons are: it starts sooner, and shows that a bundle finds the worker.
const outputDir = mkdtempSync(join(tmpdir(), "mosaic-store-bundle-"));
after(() => rmSync(outputDir, { recursive: true }));
const root = join(import.meta.dirname, "../../..");
const program = { storing: "packages/store/src/storing-process-for-tests.ts" };
await bundle({ root, bundles: program, version: "test", outputDir, hasMaps: false });

/** What was acknowledged: the last step of each message, and which were forgotten. */
interface Acknowledged {
  readonly steps: Map<string, number>;
  readonly forgotten: Set<string>;
}

/** Runs the process on a file, and kills it after so many lines.
 *  @returns how many messages it found */
async function storeUntilKilled(path: string, childSeed: number, lines: number, known: Acknowledged): Promise<number> {
  const child = spawn(process.execPath, [join(outputDir, "storing.mjs"), path, String(childSeed)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<string | null>((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
  const found = await readLines(child, lines, known);
  assert.equal(await exited, "SIGKILL", "it ended before it was killed");
  return found;
}

async function readLines(child: ChildProcess, lines: number, { steps, forgotten }: Acknowledged): Promise<number> {
  assert.ok(child.stdout);
  let found = Number.NaN;
  let left = lines;
  // What was said before the kill is read to its end: it was acknowledged too.
  for await (const line of createInterface({ input: child.stdout })) {
    const [first = "", ...rest] = line.split(" ");
    if (first === "open") found = Number(rest[0]);
    else if (first === "forgot") for (const id of rest) forgotten.add(id);
    else steps.set(first, Number(rest[0]));
    left -= 1;
    if (left === 0) child.kill("SIGKILL");
  }
  return found;
}

/** Holds what is there against what was acknowledged. One step of each message may have been under way. */
function assertNothingIsLost(held: ReadonlyMap<string, StoredMessage>, { steps, forgotten }: Acknowledged): void {
  for (const [id, step] of steps) {
    const message = held.get(id);
    if (forgotten.has(id)) assert.equal(message, undefined, `${id} was forgotten and is back`);
    else if (message === undefined) assert.ok(step >= LAST_STEP - 1, `${id} is lost at step ${step}`);
    else assert.ok([step, step + 1].includes(message.receipt.attempt), `${id} is at ${message.receipt.attempt}, not at ${step}`);
  }
  for (const [id, { text, receipt }] of held) {
    assert.equal(text, textOf(id));
    assert.equal(receipt.messageId, id);
    assert.ok(steps.has(id) || receipt.attempt === 0, `${id} has come further than anybody was told`);
  }
}

test(`kill -9 at any moment loses nothing that was acknowledged (${KILLS} times, MOSAIC_TEST_SEED=${seed})`, async (context) => {
  const random = seededRandom(seed);
  const { path, open } = temporaryStore(context);
  const known: Acknowledged = { steps: new Map(), forgotten: new Set() };
  let before = 0;
  for (let round = 0; round < KILLS; round += 1) {
    const found = await storeUntilKilled(path, round, 2 + Math.floor(random() * 150), known);
    if (round > 0) assert.equal(found, before, "the next process holds what this one saw");
    await using store = await open();
    assert.equal(store.health().refusal, undefined);
    const held = new Map([...store.all()].map((message) => [message.messageId, message]));
    assertNothingIsLost(held, known);
    before = held.size;
  }
  context.diagnostic(`${known.steps.size} messages, ${known.forgotten.size} forgotten`);
});
