import type { Evidence, HeartbeatStatus } from "@mosaic/wire";

// Whoever makes a report needs these words of the contract, and may know no more of it.
export { Evidence, HeartbeatStatus } from "@mosaic/wire";

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
  /** The span in which the runtime itself works on what it accepted, where it makes one and tells (W3C `traceparent`). */
  readonly traceparent?: string | undefined;
  readonly accepted?: readonly PromptTaken[] | undefined;
  readonly endedTurnIds?: readonly string[] | undefined;
  readonly brokenTurns?: readonly TurnBroken[] | undefined;
  /** Requests that wait for leave from now on. */
  readonly asked?: readonly LeaveAsked[] | undefined;
  /** Requests that were answered, by whomever; `*`: every one. */
  readonly resolvedRequestIds?: readonly string[] | undefined;
  /** The file in which the runtime writes its conversation, absolute. */
  readonly transcriptPath?: string | undefined;
  /** True for an event that only shows that the agent goes on. */
  readonly isProgress?: boolean | undefined;
}

/** Something that an agent asks leave for, since the time of the event that told it. The fields are those of `Approval`. */
export interface LeaveAsked {
  readonly requestId: string;
  readonly tool: string;
  /** One line, at most 500 characters. */
  readonly summary: string;
  readonly answerable: boolean;
}

/** A prompt that an agent took. */
export interface PromptTaken {
  /** As the runtime tells it; see {@link canonicalPrompt} for how it is compared. */
  readonly text: string;
  /** Empty: not known yet. A later report of the same text may tell it, and then counts. */
  readonly turnId: string;
  readonly evidence: Evidence;
  /** True: it went into the turn that the agent is in now, which who reports it can't name. */
  readonly joinsOpenTurn?: boolean | undefined;
  /** True: the turn counts instead of the one that was told of this prompt before: prompts that waited together are given to the
   *  model as one turn, and only the last of their ids ends. */
  readonly movesTurn?: boolean | undefined;
}

/** A turn that ended without an answer. */
export interface TurnBroken {
  readonly turnId: string;
  readonly isInterrupted: boolean;
  readonly detail: string;
}
