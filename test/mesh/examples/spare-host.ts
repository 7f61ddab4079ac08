import { spawnSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tmuxFolder } from "../leftovers.ts";
import type { Place } from "./place.ts";

const ROSTER_HEAD = "version: 1\ntransport: tmux\ntenant: team-a\nhost: alpha\n";
const POLICY =
  "grants:\n  - who: user/ada\n    tenant: team-a\n    role: operator\n  - who: agent/ci\n    tenant: team-a\n    role: operator\n";
const CAST = [
  '{"version": 2, "width": 80, "height": 24, "timestamp": 1763719200, "title": "team-a/alpha/lead"}',
  ...["ready", "working", "done"].map((word, index) => JSON.stringify([index * 0.1, "o", `${word}\r\n`])),
];

/** Makes a host without systemd on which agents may come and go: a roster, a policy, and a recording of its own. */
export async function openSpareHost(
  stack: AsyncDisposableStack,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<Place> {
  const socketName = `mosaic-test-${process.pid}-spare`;
  const home = join(folder, "spare");
  stack.defer(async () => {
    spawnSync("tmux", ["-L", socketName, "kill-server"]);
    await rm(join(tmuxFolder(), socketName), { force: true });
  });
  const agents = [
    { name: "lead", runtime: "stub", model_hint: "slow=0" },
    { name: "coder0", runtime: "stub", model_hint: "slow=0" },
    { name: "implementer", runtime: "stub", class: "worker", lifecycle: "ephemeral" },
  ];
  const entries = agents.map((agent) => `  - ${JSON.stringify(agent)}\n`).join("");
  const write = async (path: string, text: string) => {
    await mkdir(join(home, path, ".."), { recursive: true, mode: 0o700 });
    await writeFile(join(home, path), text, { mode: 0o600 });
  };
  const roster = `${ROSTER_HEAD}tmux:\n  socket_name: ${socketName}\nagents:\n${entries}`;
  await write("mosaic/fleet/roster.yaml", roster);
  await write("work/roster.yaml", roster);
  await write("work/new.yaml", POLICY);
  await write("mosaic/fleet/policy.yaml", POLICY);
  await write("mosaic/fleet/sessions/lead/20261121T100000500Z-3f9a1c.cast", `${CAST.join("\n")}\n`);
  await mkdir(join(home, "src"));
  await mkdir(join(home, "run"), { mode: 0o700 });
  // Nobody's runtime folder, so that no systemd of who runs the tests is asked.
  return {
    env: { ...env, HOME: home, MOSAIC_HOME: join(home, "mosaic"), XDG_RUNTIME_DIR: join(home, "run") },
    cwd: join(home, "work"),
  };
}
