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
  /** What hardens every process of the fleet, set on the unit of the tmux server that they all come from. */
  readonly hardening: Hardening;
}

/** What processes may not do. Absent: systemd's own default. */
export interface Hardening {
  readonly noNewPrivileges?: boolean | undefined;
  /** `true`, `full` or `strict`, as systemd's ProtectSystem. */
  readonly protectSystem?: string | undefined;
  /** Absolute paths; `~` is resolved by whoever writes the unit. */
  readonly readOnlyPaths?: readonly string[] | undefined;
  readonly readWritePaths?: readonly string[] | undefined;
  readonly inaccessiblePaths?: readonly string[] | undefined;
  /** Octal, for example `0077`. */
  readonly umask?: string | undefined;
}

/** What one agent, with everything it starts, may use. Absent: no limit. In systemd's notation. */
export interface ResourceLimits {
  /** For example `4G`. The agent is killed above it. */
  readonly memoryMax?: string | undefined;
  /** Above it the agent is slowed down. */
  readonly memoryHigh?: string | undefined;
  /** Percent of one core, for example 200. */
  readonly cpuQuotaPercent?: number | undefined;
  readonly tasksMax?: number | undefined;
}

/** How an agent's terminal is recorded. */
export interface Recording {
  /** A file is closed and the next one begun at this size. */
  readonly maxFileBytes: number;
  /** The oldest files of the agent are deleted above this many. */
  readonly maxFiles: number;
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
  /** The agent's own, over `defaults.limits`. */
  readonly limits: ResourceLimits;
  /** Absent: not recorded. */
  readonly recording?: Recording | undefined;
  /** The lane of work an ephemeral agent was started for. Never in a roster file. */
  readonly lane?: string | undefined;
}

/** The runtimes that a roster may name. */
export const ROSTER_RUNTIMES = ["claude", "codex", "opencode", "pi", "stub", "command"] as const;
