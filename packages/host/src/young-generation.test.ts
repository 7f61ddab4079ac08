import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const MODULE = new URL("./young-generation.ts", import.meta.url).href;

/** Bytes of the young generation of a program that keeps a third of the much that it makes. */
function youngBytes(limitBytes: number | undefined): number {
  const program = `
    import { getHeapSpaceStatistics } from "node:v8";
    import { limitYoungGeneration } from ${JSON.stringify(MODULE)};
    const limitBytes = ${limitBytes};
    if (limitBytes) limitYoungGeneration(limitBytes);
    const kept = [];
    for (let round = 0; round < 15; round += 1) {
      for (let count = 0; count < 60_000; count += 1) kept[count % 200_000] = { count, text: [count] };
      await new Promise((resolve) => setImmediate(resolve));
    }
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    process.stdout.write(String(space.space_size));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  assert.match(stdout, /^\d+$/, stderr);
  return Number(stdout);
}

test("the young generation of a process that asks for it stays small, whatever arrives", { timeout: 60_000 }, () => {
  const limitBytes = 8 * 1024 * 1024;
  const unlimited = youngBytes(undefined);
  assert.ok(unlimited > 4 * limitBytes, `this V8 grows to ${unlimited} bytes by itself: nothing to limit`);
  const limited = youngBytes(limitBytes);
  // Where all arrives in one turn of the event loop, it doubles twice before anybody sees it.
  assert.ok(limited <= 4 * limitBytes, `it grew to ${limited} bytes`);
});
