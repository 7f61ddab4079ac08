import type { Approval, Evidence, HeartbeatStatus } from "@mosaic/wire";

/** What one event of a runtime's own hook, plugin, extension or transcript tells. Absent fields: the event says nothing of it,
 *  and what was known stands. */
export interface AgentReport {
  readonly status?: HeartbeatStatus | undefined;
  /** What a WAITING agent waits for: `permission`, `input`, … */
  readonly waitingFor?: string | undefined;
  /** Why, when FAILED: `rate_limit`, `auth`, … */
  readonly detail?: string | undefined;
  /** The runtime's id of the turn it is in or was last in. */
  readonly turnId?: string | undefined;
  /** The runtime's id of the conversation. */
  readonly sessionId?: string | undefined;
  readonly accepted?: readonly PromptTaken[] | undefined;
  readonly endedTurnIds?: readonly string[] | undefined;
  readonly brokenTurns?: readonly TurnBroken[] | undefined;
  /** Requests that wait for leave from now on. */
  readonly asked?: readonly Approval[] | undefined;
  /** Requests that were answered, by whomever; `*`: every one. */
  readonly resolvedRequestIds?: readonly string[] | undefined;
  /** The file in which the runtime writes its conversation, absolute. */
  readonly transcriptPath?: string | undefined;
  /** True for an event that only shows that the agent goes on. */
  readonly isProgress?: boolean | undefined;
}

/** A prompt that an agent took. */
export interface PromptTaken {
  /** As the runtime tells it; see {@link canonicalPrompt} for how it is compared. */
  readonly text: string;
  readonly turnId: string;
  readonly evidence: Evidence;
}

/** A turn that ended without an answer. */
export interface TurnBroken {
  readonly turnId: string;
  readonly isInterrupted: boolean;
  readonly detail: string;
}
