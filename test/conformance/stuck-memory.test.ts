import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { StuckMemory } from "./stuck-memory.ts";

/** About 380 KiB are seen: 64 KiB of frames that Node buffers for a stream, and some 800 bytes for each write that waits. */
const MAX_BYTES_EACH = 512 * 1024;

test("a watcher that does not read costs the server less than 512 KiB, and no more for what happens meanwhile", async (context) => {
  const program = fileURLToPath(new URL("stuck-memory.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 60_000 });
  const { bytesEach, bytesEachLater }: StuckMemory = JSON.parse(stdout);
  context.diagnostic(
    `${Math.round(bytesEach / 1024)} KiB per stuck client, ${Math.round(bytesEachLater / 1024)} KiB after 200 more changes`,
  );
  assert.ok(bytesEach < MAX_BYTES_EACH, `${bytesEach} bytes each`);
  assert.ok(bytesEachLater < MAX_BYTES_EACH, `${bytesEachLater} bytes each after 200 changes`);
});
