import type { ProcessFacts, RosterAgent } from "@mosaic/core";

/** What Mosaic knows of one agent runtime: how it is started, and how its process is told from others. */
export interface RuntimeAdapter {
  /** As the roster names it. */
  readonly name: string;
  /** What is typed to start a fresh conversation when the roster does not say. Absent: not known, or there is none. */
  readonly resetCommand?: string;
  /** Whether the runtime writes heartbeats by itself; for one that doesn't, a sidecar says that its process lives. */
  readonly reportsItself: boolean;
  /** Says what to start for an agent. Pure: whether the program is there shows when it is started.
   *  @throws MosaicError ROSTER_INVALID when the agent's entry can't be turned into a command line. */
  launch(agent: RosterAgent, context: LaunchContext): RuntimeLaunch;
  /** True when the process certainly is this runtime, in the releases that were measured; false also means "can't tell".
   *  @param children the direct children of the process: some runtimes are a small parent and the real program below. */
  recognises(process: ProcessFacts, children: readonly ProcessFacts[]): boolean;
  /** Finds the draft that stands in the composer, so that a message is not typed into it.
   *  Absent: not known how this runtime's composer looks.
   *  @returns undefined when the composer is empty or can't be found. */
  draftOn?(screen: readonly string[]): string | undefined;
}

/** What to execute in an agent's pane, directly and never by a shell. */
export interface RuntimeLaunch {
  /** The program, a path or a name found on the `PATH` in `env`, and its arguments. It becomes the pane's process itself. */
  readonly argv: readonly [string, ...string[]];
  /** Complete: a pane inherits the tmux server's environment, not the caller's, so what matters is said here. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where an agent is launched. */
export interface LaunchContext {
  readonly tenantId: string;
  readonly host: string;
  readonly mosaicHome: string;
  /** Unix socket on which the node takes the agent's own reports. */
  readonly nodeSocketPath: string;
  /** The `PATH` to bake in: see {@link buildPath}. */
  readonly path: string;
  /** Where `framework/` is installed. */
  readonly frameworkDirectory: string;
  /** A Node.js executable, for runtimes that are scripts of ours. */
  readonly nodeProgram: string;
}
