import type { RosterAgent } from "@mosaic/core";

/** Starts and ends agents, one way or the other. Asking for what is already so succeeds and says so. */
export interface Supervisor {
  readonly kind: "systemd" | "tmux";
  start(agent: RosterAgent, signal: AbortSignal): Promise<"started" | "already running">;
  /** Ends the agent with all it started, and its session. The name need not be in the roster. */
  stop(name: string, signal: AbortSignal): Promise<"stopped" | "not running">;
  restart(agent: RosterAgent, signal: AbortSignal): Promise<"restarted" | "started">;
}

/** What became of one agent. */
export interface Outcome {
  readonly name: string;
  readonly outcome: "started" | "already running" | "stopped" | "not running" | "restarted" | "failed";
  /** Why it failed; empty otherwise. */
  readonly detail: string;
  readonly hint: string;
}
