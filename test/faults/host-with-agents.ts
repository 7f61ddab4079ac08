import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectFleet } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import { AgentState } from "@mosaic/wire";
import { TestTerminal, tmux } from "../mesh/test-terminal.ts";
import type { ExpectedHost } from "./expected-host.ts";
import { FaultDaemon } from "./fault-daemon.ts";
import type { FaultNet } from "./fault-net.ts";
import { rowsText } from "./rows-text.ts";

const STUB = join(import.meta.dirname, "../../framework/stub-agent/stub-agent.mjs");
const TENANT = "team-a";
const AGENTS = ["coder0", "coder1"];

/** A real mosaic-node over stub agents in a real tmux, which outlive it. Disposing ends all of it. */
export class HostWithAgents implements AsyncDisposable {
  readonly host: ExpectedHost;
  readonly daemon: FaultDaemon;
  readonly #terminal: TestTerminal;

  private constructor(host: ExpectedHost, daemon: FaultDaemon, terminal: TestTerminal) {
    this.host = host;
    this.daemon = daemon;
    this.#terminal = terminal;
  }

  /** Starts the agents and the node, and waits until each agent is ready. */
  static async start(options: { net: FaultNet; folder: string; name: string; port: number }): Promise<HostWithAgents> {
    const { net, folder, name, port } = options;
    const flags = ["--listen", `127.0.0.1:${port}`, "--no-systemd"];
    const daemon = new FaultDaemon({ net, folder, role: "node", name, flags });
    const terminal = new TestTerminal();
    const started = new HostWithAgents({ tenantId: TENANT, name, agents: AGENTS, port }, daemon, terminal);
    try {
      await started.#start(name);
      return started;
    } catch (thrown) {
      await started[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** The tmux server that its agents are on. */
  get socketName(): string {
    return this.#terminal.socketName;
  }

  /** Its rows as the node itself tells them. */
  async rowsText(): Promise<string> {
    await using connection = connectFleet({ kind: "unix", path: this.daemon.socketPath });
    return rowsText((await connection.client.list({})).agents);
  }

  /** How often each prompt was taken, as the agents themselves wrote it down. */
  async promptsTaken(): Promise<ReadonlyMap<string, number>> {
    const folder = join(this.daemon.home, "stub-agent");
    const times = new Map<string, number>();
    for (const name of await readdir(folder)) {
      for (const line of (await readFile(join(folder, name), "utf8")).split("\n").filter(Boolean)) {
        const prompt = /^> (.*)$/.exec(JSON.parse(line) as string)?.[1];
        if (prompt !== undefined) times.set(prompt, (times.get(prompt) ?? 0) + 1);
      }
    }
    return times;
  }

  async #start(name: string): Promise<void> {
    const { socketName } = this.#terminal;
    const head = `version: 1\ntransport: tmux\ntenant: ${TENANT}\nhost: ${name}\ntmux:\n  socket_name: ${socketName}\nagents:\n`;
    await this.daemon.write(
      "fleet/roster.yaml",
      head + AGENTS.map((agent) => `  - name: ${agent}\n    runtime: stub\n    class: worker\n`).join(""),
    );
    await tmux(socketName, ["new-session", "-d", "-s", "_holder", "--", "tail", "-f", "/dev/null"]);
    for (const agent of AGENTS) {
      const variables = [
        `MOSAIC_AGENT_NAME=${agent}`,
        `MOSAIC_HOME=${this.daemon.home}`,
        `MOSAIC_NODE_SOCKET=${this.daemon.socketPath}`,
      ];
      const env = variables.flatMap((variable) => ["-e", variable]);
      await tmux(socketName, ["new-session", "-d", "-s", agent, ...env, "--", process.execPath, STUB, "--slow", "1"]);
    }
    await this.daemon.start();
    await using connection = connectFleet({ kind: "unix", path: this.daemon.socketPath });
    const isReady = async () => {
      const { agents } = await connection.client.list({});
      return agents.length === AGENTS.length && agents.every((agent) => agent.state === AgentState.READY);
    };
    await eventually("the agents are ready", isReady, 30_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon[Symbol.asyncDispose]();
    await this.#terminal[Symbol.asyncDispose]();
  }
}
