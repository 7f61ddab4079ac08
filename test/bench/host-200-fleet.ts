/** The host of host-200.bench.ts: a private tmux server with sessions that do nothing, a roster that names them, and one loop
 *  that writes their heartbeat files. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatHeartbeatFile, silentLog } from "@mosaic/core";
import { connectTmux, systemClock } from "@mosaic/host";

/** How often each agent beats. */
const INTERVAL_MS = 15_000;

export interface IdleFleet extends AsyncDisposable {
  /** The environment of every program that should see this fleet. */
  readonly env: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly socketPath: string;
  /** Process ids of the panes, by agent. */
  pids(): Promise<ReadonlyMap<string, number>>;
  /** Replaces every agent's heartbeat file now, besides the one that is due. */
  beatAll(): void;
}

/** Starts a fleet of `count` agents with file heartbeats spread over the interval. */
export async function startIdleFleet(count: number): Promise<IdleFleet> {
  const { signal } = new AbortController();
  const home = mkdtempSync(join(tmpdir(), "mosaic-bench-"));
  const runDirectory = join(home, "fleet/run");
  mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
  const socketName = `mosaic-bench-${process.pid}-${count}`;
  const names = Array.from({ length: count }, (_, index) => `agent${String(index).padStart(3, "0")}`);
  const command = ["tail", "-f", "/dev/null"] as const;
  const agents = names.map((name) => ({ name, runtime: "command", class: "bench", command }));
  const roster = { version: 1, transport: "tmux", tenant: "bench", host: "alpha", tmux: { socket_name: socketName }, agents };
  writeFileSync(join(home, "fleet/roster.yaml"), JSON.stringify(roster));
  const terminal = connectTmux({ socketName, clock: systemClock, log: silentLog });
  await terminal.ensureHolder("_holder", signal);
  for (const session of names) {
    await terminal.startSession({ session, argv: command, env: {}, workingDirectory: home }, signal);
  }
  const beating = startBeating(runDirectory, names);
  return {
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      MOSAIC_HOME: home,
      // Whatever systemd this machine has keeps other fleets.
      XDG_RUNTIME_DIR: home,
      NO_COLOR: "1",
    },
    names,
    socketPath: join(runDirectory, "node.sock"),
    beatAll() {
      for (const name of names) beat(runDirectory, name);
    },
    pids: async () => new Map((await terminal.listPanes(signal)).map((pane) => [pane.session, pane.pid])),
    async [Symbol.asyncDispose]() {
      clearInterval(beating);
      await terminal.endServer(signal);
      await terminal[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function startBeating(directory: string, names: readonly string[]): NodeJS.Timeout {
  for (const name of names) beat(directory, name);
  let next = 0;
  return setInterval(() => {
    beat(directory, names[next] ?? "");
    next = (next + 1) % names.length;
  }, INTERVAL_MS / names.length);
}

function beat(directory: string, name: string): void {
  const path = join(directory, `${name}.hb`);
  const made = { atUnixMs: Date.now(), pid: process.pid, status: "ok", intervalMs: INTERVAL_MS, writer: "runtime" } as const;
  writeFileSync(`${path}.new`, formatHeartbeatFile(made));
  renameSync(`${path}.new`, path);
}
