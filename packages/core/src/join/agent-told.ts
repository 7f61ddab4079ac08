import type { Approval } from "@mosaic/wire";

/** What a node knows of an agent beside its planes: from the agent's own hooks, and from the messages to it. An object that was
 *  handed out is never changed, so that the same object means the same facts. */
export interface AgentTold {
  /** What it asks leave for, oldest first. */
  readonly approvals: readonly Approval[];
  /** The runtime's id of the conversation; empty: not reported. */
  readonly sessionId: string;
  /** Messages to it that are not typed yet. */
  readonly pendingMessages: number;
  /** Why the first of them is not typed; empty: nothing holds it. */
  readonly held: string;
  /** Why its hooks count as dead; empty: they don't. */
  readonly hookless: string;
  /** The conversation that it could not go on with when it was last started again, until somebody takes that off the record. */
  readonly failedSessionId?: string | undefined;
}
