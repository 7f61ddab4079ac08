/** What keeps a release back: the golden baseline of our own, and the gate on a host whose node is gone. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { COMMANDS } from "../../packages/cli/src/command-table/command-table.ts";
import { type Baseline, parseBaseline } from "../../packages/cli/src/release/baseline.ts";
import { contractOf } from "../../packages/cli/src/release/contract-evidence.ts";
import { baselineReport, compareRelease, RELEASE_BASELINE } from "../../packages/cli/tools/release-baseline.ts";
import { endProcesses } from "../mesh/leftovers.ts";
import { runToEnd } from "../mesh/run-program.ts";
import { temporaryFolder } from "../tools/temporary-folder.ts";

const root = join(import.meta.dirname, "../..");
const golden = parseBaseline(readFileSync(join(root, RELEASE_BASELINE), "utf8"), RELEASE_BASELINE);

describe("the golden baseline of a release", () => {
  test("is kept by this clone: no command, rpc, schema or code that was released is gone", () => {
    const report = baselineReport(compareRelease(root, { ...golden, ...contractOf(COMMANDS) }));
    assert.match(report, /^PASS/, report);
  });

  test("keeps back a release that lost a command, an rpc, a schema or a file, and one that grew by a third, with the names", () => {
    const without = (check: string, name: string) => {
      const { rule, value } = golden[check] ?? { rule: "keeps", value: [] };
      assert.ok(Array.isArray(value) && value.includes(name), `${check} has ${name}`);
      return { [check]: { rule, value: value.filter((each) => each !== name) } };
    };
    const size = Number(golden["size.packed_kib"]?.value);
    const poorer: Baseline = {
      ...golden,
      ...without("contract.commands", "fleet ps"),
      ...without("contract.rpcs", "mosaic.fleet.v1.FleetService/Watch"),
      ...without("contract.schemas", "mosaic.fleet.ps/1"),
      ...without("artefact.files", "framework/runtimes/hook"),
      "size.packed_kib": { rule: "at-most", value: Math.ceil(size * 1.3) },
    };
    const lines = compareRelease(root, poorer);
    assert.deepEqual(
      lines.filter(({ fails }) => fails).map(({ check, detail }) => `${check}: ${detail.replace(/^\d+ became \d+/, "")}`),
      [
        "artefact.files: gone: framework/runtimes/hook",
        "contract.commands: gone: fleet ps",
        "contract.rpcs: gone: mosaic.fleet.v1.FleetService/Watch",
        "contract.schemas: gone: mosaic.fleet.ps/1",
        "size.packed_kib:  (+30 %)",
      ],
    );
    assert.match(baselineReport(lines), /^FAIL[\s\S]*npm run release -- --dry-run --write-baseline\n$/);
  });
});

test("the gate of a real fleet is open while all is as it was, and shut when a node is gone", async (t) => {
  using folder = temporaryFolder();
  const [home, baseline] = [join(folder.path, "demo"), join(folder.path, "golden.json")];
  t.after(() => endProcesses([folder.path]));
  const env = { ...(process.env as Record<string, string>), HOME: folder.path, MOSAIC_HOME: home, NO_COLOR: "1" };
  const mosaic = (...args: string[]) => runToEnd([process.execPath, join(root, "packages/cli/src/main.ts"), ...args], { env });
  const gate = (...more: string[]) => mosaic("release", "gate", "--baseline", baseline, "--allow-unknown", "latency", ...more);

  const up = await mosaic("demo", "up", "--hosts", "1", "--agents", "1", "--dir", home, "--json");
  assert.equal(up.exitCode, 0, up.stderr);
  const written = await gate("--write");
  assert.equal(written.exitCode, 0, written.stdout + written.stderr);
  // How fast a busy machine answers is not what is tested here.
  const open = await mosaic("release", "gate", "--baseline", baseline, "--json");
  const items = (JSON.parse(open.stdout).items as { check: string; fails: boolean }[]).filter(({ fails }) => fails);
  assert.deepEqual(
    items.filter(({ check }) => !check.startsWith("latency.")),
    [],
  );

  const { daemons } = JSON.parse(up.stdout) as { daemons: { role: string; pid: number }[] };
  process.kill(daemons.find(({ role }) => role === "node")?.pid ?? 0, "SIGKILL");
  await eventually("the gate is shut, and names the host", async () => {
    const shut = await gate();
    return shut.exitCode === 1 && /^worse {4}host:demo\/\w+: LIVE became /m.test(shut.stdout);
  });
  assert.match((await mosaic("release", "log")).stdout, /gate\.verdict {2}FAIL[\s\S]*all as they were written/);
  await mosaic("demo", "down", "--dir", home);
});
