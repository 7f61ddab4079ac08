/** A roster as the rest of Mosaic sees it: checked, in camelCase, every default filled in. Plain data. */
export interface Roster {
  readonly version: 1;
  readonly transport: "tmux";
  readonly tenantId: string;
  readonly host: string;
  /** Name of the tmux socket (`tmux -L`), never `default`. */
  readonly socketName: string;
  /** The session that keeps the tmux server alive when no agent does. Never an agent's. */
  readonly holderSession: string;
  /** In the file's order, at least one, no name twice. */
  readonly agents: readonly RosterAgent[];
  /** By runtime name; only what the file says. */
  readonly runtimes: Readonly<Record<string, RosterRuntime>>;
}

/** What a roster sets for one runtime. */
export interface RosterRuntime {
  /** What is typed to start a fresh conversation. Absent: what the runtime's adapter knows. */
  readonly resetCommand?: string | undefined;
}

/** One agent that should exist. */
export interface RosterAgent {
  readonly name: string;
  /** One of {@link ROSTER_RUNTIMES}. */
  readonly runtime: string;
  /** The agent's role, free text; empty when none is given. */
  readonly agentClass: string;
  readonly lifecycle: "core" | "ephemeral";
  /** As written: may begin with `~`, which whoever launches the agent resolves. */
  readonly workingDirectory: string;
  /** What the runtime is told of the model to use. */
  readonly modelHint?: string | undefined;
  /** Program and arguments; there exactly when the runtime is `command`. */
  readonly command?: readonly [string, ...string[]] | undefined;
  readonly kickstartTemplate?: string | undefined;
  readonly persistentPersona?: boolean | string | undefined;
  /** Default false. */
  readonly resetBetweenTasks: boolean;
}

/** The runtimes that a roster may name. */
export const ROSTER_RUNTIMES = ["claude", "codex", "opencode", "pi", "stub", "command"] as const;
