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
  /** The user's own `OTEL_RESOURCE_ATTRIBUTES`, kept behind ours. Absent or empty: none. */
  readonly resourceAttributes?: string | undefined;
}
