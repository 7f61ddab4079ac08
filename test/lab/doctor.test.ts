/** What the doctor finds on a real host, with a real systemd, tmux, disk and daemon, and that its next command leads out of it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { MOSAIC } from "../mesh/demo-fleet.ts";
import { startDiskHost } from "./disk-host.ts";
import { type DoctorHost, REAL_FAULTS } from "./doctor-faults.ts";
import { labObstacle } from "./lab-obstacle.ts";

const ROSTER = `version: 1
transport: tmux
host: disk
tenant: team-a
defaults: { working_directory: "~" }
agents:
  - { name: lead, runtime: claude }
`;

interface Item {
  readonly check: string;
  readonly severity: string;
  readonly found: string;
  readonly next: string;
}

describe("the doctor on a real host", { skip: labObstacle() ?? false }, () => {
  let host: DoctorHost;

  before(async () => {
    const disk = await startDiskHost("disk", AbortSignal.timeout(60_000));
    // The host has no logind: what it leaves behind, and what its command does, stands in for it.
    await disk.asRoot("sh", "-c", "mkdir -p /run/systemd/seats; : >/run/systemd/seats/seat0; chmod 777 /var/lib/systemd/linger");
    const path = "PATH=$HOME/.local/bin:$PATH";
    const shell = (line: string) => disk.host.run(0, ["sh", "-c", `${path}; ${line}`]);
    host = Object.assign(disk, {
      sh: async (line: string) => {
        const end = await shell(line);
        assert.equal(end.exitCode, 0, `${line}\n${end.stdout}${end.stderr}`);
        return end.stdout;
      },
      shown: async (line: string) => (await shell(line)).stdout,
    });
    await host.sh("mkdir -p .config/mosaic/fleet .local/bin src");
    await host.host.run(0, ["tee", ".config/mosaic/fleet/roster.yaml"], { stdin: ROSTER });
    const programs = {
      mosaic: `exec node ${MOSAIC[1]} "$@"`,
      claude: "exec sleep 1000000",
      loginctl: 'for user; do :; done; : >"/var/lib/systemd/linger/$user"',
    };
    for (const [name, script] of Object.entries(programs))
      await host.host.run(0, ["tee", `.local/bin/${name}`], { stdin: `#!/bin/sh\n${script}\n` });
    await host.sh(
      "chmod 755 .local/bin/*; mosaic agent install-hooks claude; mosaic fleet install-systemd --listen 127.0.0.1:8787",
    );
    await host.sh("mosaic fleet start");
    await host.nodeAnswers();
  });

  after(() => host?.[Symbol.asyncDispose]());

  async function findings(check: string, ...flags: string[]): Promise<readonly Item[]> {
    const text = await host.shown(["mosaic doctor --json --only", check, ...flags].join(" "));
    const { items } = JSON.parse(text) as { items: Item[] };
    return items.filter(({ severity }) => severity !== "ok" && severity !== "none");
  }

  for (const { name, plant, check, found, next, mend } of REAL_FAULTS) {
    test(`names ${name}, and what is next leads out of it`, async () => {
      assert.deepEqual(await findings(check), [], "before");
      await plant(host);
      const fits = await eventually(`${check} names it`, async () => {
        const items = await findings(check);
        return items.find((item) => found.test(item.found)) ?? (items.length > 0 && assert.fail(JSON.stringify(items)));
      });
      assert.match(fits.next, next);
      if (mend === "fix") await findings(check, "--fix");
      else if (mend === "next") await host.sh(fits.next);
      else await mend(host, await host.shown(`EDITOR=cat; ${fits.next}`));
      await eventually(`${check} is in order`, async () => (await findings(check)).length === 0, 20_000).catch(async (thrown) => {
        throw new Error(JSON.stringify(await findings(check)), { cause: thrown });
      });
    });
  }
});
