import {
  agentUnit,
  type Clock,
  formatHeartbeatFile,
  LogRing,
  type Planes,
  type ProcessFacts,
  type ProcessTable,
  sessionNameOf,
} from "@mosaic/core";
import type { HeartbeatRequest } from "@mosaic/wire";
import { FakeFiles } from "./fake-files.ts";
import { FakeTerminal } from "./fake-terminal.ts";
import { FakeUnits } from "./fake-units.ts";
import { MemoryEventJournal } from "./memory-event-journal.ts";
import { RecordingAudit } from "./recording-audit.ts";
import { RecordingTracer } from "./recording-tracer.ts";
import { StubProgram } from "./stub-program.ts";

export interface FakeHostOptions {
  readonly tenantId: string;
  readonly host: string;
  readonly hostId?: string;
  readonly clock: Clock;
  /** Agents of the roster that run the stub program. At least one, because a roster has at least one. */
  readonly agents: readonly string[];
}

/** Where the fake hosts keep their files. */
export const ROSTER_PATH = "/fake/fleet/roster.yaml";
export const RUN_DIRECTORY = "/fake/fleet/run";
export const WORKERS_DIRECTORY = "/fake/fleet/workers";

/** One host in memory: its terminal server, files and processes, the agents in it, and handles to change all of that while
 *  a real node runs on top. */
export class FakeHost {
  readonly tenantId: string;
  readonly host: string;
  readonly hostId: string;
  readonly clock: Clock;
  readonly files = new FakeFiles();
  /** Keeps every agent of the roster, enabled and active. */
  readonly units = new FakeUnits();
  readonly terminal: FakeTerminal;
  readonly tracer = new RecordingTracer();
  readonly audit = new RecordingAudit();
  /** What its node keeps of what happens. */
  readonly events = new MemoryEventJournal();
  /** What its node's log holds: a test writes it. */
  readonly logRing = new LogRing({ epoch: "log-1" });
  readonly #rostered = new Map<string, string>();
  readonly #stubs = new Map<string, StubProgram>();
  /** Takes agents' reports; set to the node's Heartbeat once there is a node. */
  report: (request: HeartbeatRequest) => Promise<void> = async () => {};

  constructor(options: FakeHostOptions) {
    this.tenantId = options.tenantId;
    this.host = options.host;
    this.hostId = options.hostId ?? `id-of-${options.tenantId}-${options.host}`;
    this.clock = options.clock;
    this.terminal = new FakeTerminal(options.clock);
    for (const name of options.agents) this.addAgent(name);
  }

  /** The ports that a node is started on. */
  planes(): Planes {
    return {
      terminal: this.terminal,
      units: this.units,
      processes: this.#processes(),
      files: this.files,
      clock: this.clock,
      driftOf: (runtime, process) => (RUNTIMES.has(process.command) && process.command !== runtime ? process.command : undefined),
      runtimeOf: (process) => (RUNTIMES.has(process.command) ? process.command : undefined),
    };
  }

  /** Adds an agent to the roster and starts it. */
  addAgent(name: string, runtime = "stub"): StubProgram {
    const stub = this.startSession(name, runtime);
    this.#rostered.set(name, runtime);
    this.units.set(agentUnit(name));
    this.#writeRoster();
    return stub;
  }

  /** Starts a session that runs the stub program, whether the roster names it or not. */
  startSession(name: string, command = "stub"): StubProgram {
    const session = sessionNameOf(name);
    const stub = new StubProgram(name, session, this.terminal, (request) => this.report(request));
    this.#stubs.set(name, stub);
    this.terminal.addSession(session, command, (text) => void stub.take(text));
    this.terminal.print(session, `${name} is ready`);
    return stub;
  }

  stub(name: string): StubProgram {
    const stub = this.#stubs.get(name);
    if (!stub) throw new Error(`no agent ${name} on ${this.host}`);
    return stub;
  }

  /** Takes an agent out of the roster and ends its session. */
  removeAgent(name: string): void {
    this.#rostered.delete(name);
    this.units.remove(agentUnit(name));
    this.#writeRoster();
    this.terminal.endSession(sessionNameOf(name));
  }

  /** Writes an agent's heartbeat file, as a runtime without hooks does. */
  writeHeartbeatFile(
    name: string,
    status: "ok" | "busy",
    atUnixMs = this.clock.nowUnixMs(),
    writer?: "sidecar" | "runtime",
  ): void {
    this.files.write(
      `${RUN_DIRECTORY}/${name}.hb`,
      formatHeartbeatFile({ atUnixMs, pid: 4242, status, intervalMs: 15_000, writer }),
    );
  }

  // JSON is YAML.
  #writeRoster(): void {
    const agents = [...this.#rostered].map(([name, runtime]) => ({
      name,
      runtime,
      class: "tester",
      ...(runtime === "command" ? { command: ["true"] } : {}),
    }));
    this.files.write(
      ROSTER_PATH,
      JSON.stringify({ version: 1, transport: "tmux", tenant: this.tenantId, host: this.host, agents }),
    );
  }

  #processes(): ProcessTable {
    const read = (pid: number): ProcessFacts | undefined => {
      const pane = this.terminal.sessions.map((session) => this.terminal.pane(session)).find((one) => one.pid === pid);
      if (!pane || pane.isDead) return undefined;
      return { pid, executable: `/usr/bin/${pane.command}`, command: pane.command, arguments: [pane.command], startTicks: pid };
    };
    return { read, childrenOf: () => [] };
  }
}

const RUNTIMES = new Set(["claude", "codex", "opencode", "pi", "stub"]);
