import { join } from "node:path";
import type { DaemonHome } from "../mesh/daemon-home.ts";
import { tmux } from "../mesh/test-terminal.ts";

const STUB = join(import.meta.dirname, "../../framework/stub-agent/stub-agent.mjs");

/** Writes the roster of a host `alpha` of tenant `team-a`, and starts its stub agents, quick ones, in a private tmux. Whoever
 *  gave the socket ends its server. */
export async function startStubs(home: DaemonHome, socketName: string, names: readonly string[]): Promise<void> {
  const agents = names.map((name) => ({ name, runtime: "stub", class: "worker" }));
  const roster = { version: 1, transport: "tmux", tenant: "team-a", host: "alpha", tmux: { socket_name: socketName }, agents };
  await home.write("fleet/roster.yaml", JSON.stringify(roster));
  const socket = join(home.mosaicHome, "fleet/run/node.sock");
  await tmux(socketName, ["new-session", "-d", "-s", "_holder", "--", "tail", "-f", "/dev/null"]);
  for (const name of names) {
    const variables = [`MOSAIC_AGENT_NAME=${name}`, `MOSAIC_HOME=${home.mosaicHome}`, `MOSAIC_NODE_SOCKET=${socket}`];
    const env = variables.flatMap((variable) => ["-e", variable]);
    await tmux(socketName, ["new-session", "-d", "-s", name, ...env, "--", process.execPath, STUB, "--slow", "1"]);
  }
}
