import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
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

test("a demo that has no place says so, and where another would be named", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-demo-up-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "file"), "");
  for (const directory of [join(folder, "file"), join(folder, "file/below"), "/proc/mosaic-has-no-place-here/below"]) {
    const size = { hostCount: 1, agentCount: 1 };
    const options = { directory, size, isOwned: false, env: {}, signal: new AbortController().signal, onProgress: () => {} };
    await assert.rejects(demoUp(options), (thrown) => {
      const { code, message, hint } = MosaicError.from(thrown);
      assert.equal(code, "MACHINE");
      assert.match(message, new RegExp(`cannot make the folder of the demo "${directory}"`));
      return hint === "name another with --dir";
    });
  }
});

test("a folder that holds anything is not taken for a demo, because the end of a demo removes it whole", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-demo-up-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "thesis.tex"), "years of work");
  const size = { hostCount: 1, agentCount: 1 };
  const options = { directory: folder, size, isOwned: false, env: {}, signal: context.signal, onProgress: () => {} };
  await assert.rejects(demoUp(options), { code: "WOULD_OVERWRITE", hint: "name a folder that is new or empty with --dir" });
  assert.deepEqual(readdirSync(folder), ["thesis.tex"]);
  await assert.rejects(demoDown(folder), { code: "USAGE", message: `no demo runs in ${folder}` });
});
