import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { runToEnd } from "../mesh/run-program.ts";
import { planFaults } from "./fault-plan.ts";
import { parseSimFlags } from "./sim-flags.ts";

const first = (count: number, seed: number) =>
  planFaults(
    new Map([
      ["down", 1],
      ["hang", 0.5],
    ]),
    50,
    seed,
  )
    .take(count)
    .toArray();

test("the same seed is the same faults, another one others, in the order of time", () => {
  assert.deepEqual(first(100, 7), first(100, 7));
  assert.notDeepEqual(first(100, 7), first(100, 8));
  const times = first(300, 7).map(({ atMs }) => atMs);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  const lastMs = times.at(-1) ?? 0;
  assert.ok(lastMs > 150_000 && lastMs < 260_000, `300 faults at 1.5 a second took ${lastMs} ms`);
});

test("what can't be simulated is refused by name", () => {
  for (const [flag, value] of [
    ["--hosts", "0"],
    ["--churn", "5"],
    ["--faults", "flood=1/s"],
    ["--for", "soon"],
  ] as const)
    assert.throws(
      () => parseSimFlags([flag, value]),
      (thrown) => thrown instanceof MosaicError && thrown.code === "USAGE" && thrown.message.includes(value.split("=")[0] ?? ""),
    );
});

test("a simulated fleet with churn and faults ends well, and leaves nothing behind", { timeout: 180_000 }, async () => {
  const flags = ["--hosts", "12", "--churn", "20/s", "--faults", "down=30/m,hang=30/m,slow=30/m", "--for", "8s", "--json"];
  const { exitCode, stdout, stderr } = await runToEnd([process.execPath, join(import.meta.dirname, "run-sim.ts"), ...flags], {
    env: { PATH: process.env["PATH"] ?? "" },
    timeoutMs: 150_000,
  });
  assert.equal(exitCode, 0, stderr);
  const looks = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { missing: number; changes: number });
  assert.ok(looks.length > 0 && looks.every(({ missing }) => missing === 0));
  assert.ok(looks.some(({ changes }) => changes > 0));
});
