/** What `fleet init --check --json` prints. The names of its fields are a contract; see init.test.ts. */
export interface CheckAnswer {
  readonly schema: "mosaic.fleet.check/1";
  readonly complete: true;
  /** True when nothing is missing. */
  readonly ready: boolean;
  /** The roster that was looked at. */
  readonly path: string;
  /** The PATH of a detached pane. */
  readonly agent_path: string;
  readonly items: readonly CheckItem[];
}

/** One thing that a durable fleet needs. */
export interface CheckItem {
  /** `tmux`, `systemd`, `lingering`, `disk`, `roster`, `runtime <name>`, `directory <path>`, `hooks <runtime>`. */
  readonly check: string;
  /** `warn`: a fleet can run without; `missing`: it can't, or it won't last. */
  readonly level: "ok" | "warn" | "missing";
  /** One clause for people. */
  readonly message: string;
  /** What to type next; empty: nothing. */
  readonly next: string;
}

/** Puts what was found into the form of the answer. */
export function toCheckAnswer(path: string, agentPath: string, items: readonly CheckItem[]): CheckAnswer {
  const ready = items.every((item) => item.level !== "missing");
  return { schema: "mosaic.fleet.check/1", complete: true, ready, path, agent_path: agentPath, items };
}
