import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { demoDown } from "./demo-down.ts";
import { demoUp, isRunning } from "./demo-up.ts";

test("agents that can't be started are the demo's failure, and the nodes that were started meanwhile are on record", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-demo-up-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  // The promise of the agents is rejected long before a node serves; unhandled, it would fail this test by itself.
  const signal = AbortSignal.abort(new MosaicError("CANCELLED", "interrupted"));
  const directory = join(folder, "demo");
  const env = { PATH: process.env["PATH"], HOME: folder };
  const options = { directory, size: { hostCount: 2, agentCount: 1 }, isOwned: false, env, signal, onProgress: () => {} };
  await assert.rejects(demoUp(options), (thrown) => MosaicError.from(thrown).code === "CANCELLED");
  const { daemons } = await demoDown(directory);
  assert.deepEqual(
    daemons.map(({ role }) => role),
    ["node", "node"],
  );
  assert.ok(daemons.every((daemon) => !isRunning(daemon)));
});
