/** The demo on a machine whose user has a real fleet, kept by systemd. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needsSystemd, privateManager } from "../../packages/host/src/systemd/user-manager-for-tests.ts";
import { startDemoFleet } from "./demo-fleet.ts";

test(
  "the demo says nothing of a real fleet's units, nor of its own agents that they have none",
  needsSystemd,
  async (context) => {
    const manager = await privateManager(context);
    await manager.start();
    for (const name of ["lead", "stranger"]) {
      await manager.writeUnit(`mosaic-agent@${name}.service`, "[Service]", "ExecStart=/bin/sleep 1000");
      await manager.systemctl("start", `mosaic-agent@${name}.service`);
    }
    await using demo = await startDemoFleet({ hosts: 1, agents: 2, env: { XDG_RUNTIME_DIR: manager.runtimeDirectory } });
    const { answer } = await demo.ps();
    assert.deepEqual(
      answer.items.map(({ name, systemd, conditions }) => [name, systemd, conditions]),
      [
        ["coder0", null, []],
        ["lead", null, []],
      ],
    );
    const { stdout } = await demo.mosaic(["fleet", "ps", "--all-hosts"]);
    assert.doesNotMatch(stdout, /BOOT|stranger|ORPHAN/);
  },
);
