import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readEventsBack } from "./read-events-back.ts";

const KILLS = 4;

/** Keeps events in a process of its own, which is killed after so many lines. @returns the last number that it said is on disk */
async function recordUntilKilled(path: string, first: number, lines: number): Promise<number> {
  const program = fileURLToPath(import.meta.resolve("./recording-process-for-tests.ts"));
  const child = spawn(process.execPath, [program, path, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<string | null>((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
  let said = first - 1;
  let left = lines;
  for await (const line of createInterface({ input: child.stdout })) {
    said = Number(line);
    left -= 1;
    if (left === 0) child.kill("SIGKILL");
  }
  assert.equal(await exited, "SIGKILL", "it ended before it was killed");
  return said;
}

test("kill -9 at any moment loses no event that is on disk, and leaves a journal that the next process goes on with", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-events-kill-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "node.jsonl");
  let first = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const said = await recordUntilKilled(path, first, 5 + 4 * kill);
    const numbers: number[] = [];
    const ids: string[] = [];
    for await (const { agent, id } of readEventsBack(path)) {
      numbers.push(Number(agent));
      ids.push(id);
    }
    const [newest = -1] = numbers;
    assert.ok(newest >= said, `${said} was on disk, and ${newest} is the newest`);
    const oldest = newest - numbers.length + 1;
    assert.deepEqual(
      numbers.reverse(),
      Array.from({ length: numbers.length }, (_, index) => oldest + index),
      "each once, in order",
    );
    assert.deepEqual(ids, [...ids].sort().reverse());
    first = newest + 1;
  }
  assert.ok(first > 150, `only ${first} were kept`);
});
