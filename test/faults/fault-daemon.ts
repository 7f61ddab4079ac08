import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectFleet, type FleetConnection } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import { cleanEnvironment, MOSAIC } from "../mesh/demo-fleet.ts";
import { type ProgramEnd, type RunningProgram, runToEnd, startProgram } from "../mesh/run-program.ts";
import type { FaultNet } from "./fault-net.ts";

const PACKAGES = join(import.meta.dirname, "../../packages");

export interface FaultDaemonOptions {
  readonly net: FaultNet;
  /** Private to the test; the daemon's MOSAIC_HOME is below it. */
  readonly folder: string;
  readonly role: "node" | "aggregator";
  /** Names the daemon, and its MOSAIC_HOME. */
  readonly name: string;
  readonly flags?: readonly string[];
}

/** A real daemon in a network that loses things, to be killed, stopped and started again. Disposing kills it. */
export class FaultDaemon implements AsyncDisposable {
  readonly #options: FaultDaemonOptions;
  #running: RunningProgram | undefined;
  #earlierLogs = "";

  constructor(options: FaultDaemonOptions) {
    this.#options = options;
  }

  get home(): string {
    return join(this.#options.folder, this.#options.name);
  }

  get socketPath(): string {
    return join(this.home, `fleet/run/${this.#options.role}.sock`);
  }

  get pid(): number {
    return this.#running?.pid ?? 0;
  }

  get env(): Readonly<Record<string, string>> {
    return { ...cleanEnvironment(this.#options.folder), MOSAIC_HOME: this.home };
  }

  /** What all its lives logged, a line for each entry. */
  get logged(): string {
    return this.#earlierLogs + (this.#running?.stderr() ?? "");
  }

  /** Puts a file below its MOSAIC_HOME. */
  async write(path: string, text: string): Promise<void> {
    await mkdir(join(this.home, "fleet/run"), { recursive: true, mode: 0o700 });
    await writeFile(join(this.home, path), text);
  }

  /** Starts it and waits until it serves.
   *  @throws Error with what it wrote when it ends instead */
  async start(): Promise<void> {
    const { net, role, flags = [] } = this.#options;
    await this.write("fleet/run/.here", "");
    const bin = join(PACKAGES, role, `bin/mosaic-${role}.mjs`);
    const daemon = startProgram(net.inside([process.execPath, bin, ...flags]), { env: this.env });
    this.#running = daemon;
    let isGone = false;
    void daemon.ended.then(() => {
      isGone = true;
    });
    const isServing = async () => {
      if (isGone) throw new Error(`mosaic-${role} ended: ${daemon.stderr()}`);
      const text = await readFile(join(this.home, `fleet/run/${role}.json`), "utf8").catch(() => "{}");
      return (JSON.parse(text || "{}") as { pid?: number }).pid === daemon.pid;
    };
    await eventually(`mosaic-${role} serves`, isServing, 30_000);
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#running?.kill(signal);
  }

  /** Ends it, at once unless told otherwise. */
  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const running = this.#running;
    running?.kill(signal);
    await running?.ended;
    this.#earlierLogs = this.logged;
    this.#running = undefined;
  }

  /** A connection of the caller's own. */
  connect(): FleetConnection {
    return connectFleet({ kind: "unix", path: this.socketPath });
  }

  /** Runs `mosaic` against it. */
  mosaic(args: readonly string[], timeoutMs = 60_000): Promise<ProgramEnd> {
    return runToEnd([...MOSAIC, ...args], { env: this.env, timeoutMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
