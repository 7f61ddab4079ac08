import type { RosterAgent } from "@mosaic/core";

/** How an agent is to be started. */
export interface StartOptions {
  /** With a new conversation: the old one is forgotten. Default: it goes on with the one it had, where its runtime can. */
  readonly isFresh?: boolean;
}

/** Starts and ends agents, one way or the other. Asking for what is already so succeeds and says so. */
export interface Supervisor {
  readonly kind: "systemd" | "tmux";
  /** An agent that runs already is left alone, with its conversation, whatever the options say. */
  start(agent: RosterAgent, signal: AbortSignal, options?: StartOptions): Promise<"started" | "already running">;
  /** Ends the agent with all it started, and its session. The name need not be in the roster. */
  stop(name: string, signal: AbortSignal): Promise<"stopped" | "not running">;
  restart(agent: RosterAgent, signal: AbortSignal, options?: StartOptions): Promise<"restarted" | "started">;
}

/** What became of one agent. */
export interface Outcome {
  readonly name: string;
  readonly outcome: "started" | "already running" | "stopped" | "not running" | "restarted" | "failed";
  /** Why it failed; empty otherwise. */
  readonly detail: string;
  readonly hint: string;
}
