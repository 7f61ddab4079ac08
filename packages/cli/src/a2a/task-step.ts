import { DeliveryState, FailureReason, type MosaicError, type Receipt } from "@mosaic/client";

/** Where an A2A task stands, in the words of its protocol. */
export type TaskStepState = "SUBMITTED" | "WORKING" | "COMPLETED" | "FAILED" | "CANCELED" | "REJECTED";

export interface TaskStep {
  readonly state: TaskStepState;
  /** For people. Empty: the state says it all. */
  readonly text: string;
}

/** Reads a task's state off a message's receipt. A task works from the moment that the agent itself took the text; keystrokes prove
 *  nothing, so up to then it is submitted. */
export function taskStep(receipt: Pick<Receipt, "state" | "reason" | "detail" | "held">): TaskStep {
  switch (receipt.state) {
    case DeliveryState.ACCEPTED:
      return { state: "WORKING", text: "" };
    case DeliveryState.ANSWERED:
      return { state: "COMPLETED", text: "" };
    case DeliveryState.EXPIRED:
      return { state: "FAILED", text: "nobody took it in the time given" };
    case DeliveryState.FAILED:
      return failedStep(receipt);
    case DeliveryState.UNCONFIRMED:
      return { state: "SUBMITTED", text: "it was entered, and the agent has not said that it took it" };
    default:
      return { state: "SUBMITTED", text: receipt.held };
  }
}

/** Where a task stands whose message was not taken at all. */
export function refusedStep({ code, message }: MosaicError): TaskStep {
  return { state: REFUSALS.has(code) ? "REJECTED" : "FAILED", text: `${code}: ${message}` };
}

function failedStep({ reason, detail }: Pick<Receipt, "reason" | "detail">): TaskStep {
  if (reason === FailureReason.CANCELLED) return { state: "CANCELED", text: detail };
  const state = REJECTIONS.has(reason) ? "REJECTED" : "FAILED";
  return { state, text: detail };
}

/** What the mesh, the agent or a rule would not take, rather than tried and failed. */
const REJECTIONS: ReadonlySet<FailureReason> = new Set([
  FailureReason.NO_SUCH_AGENT,
  FailureReason.DENIED,
  FailureReason.REJECTED,
  FailureReason.TOO_LARGE,
]);
const REFUSALS: ReadonlySet<string> = new Set([
  "AGENT_NOT_FOUND",
  "AGENT_AMBIGUOUS",
  "NOT_ALLOWED",
  "IDENTITY_REFUSED",
  "MESSAGE_TOO_LARGE",
  "MESSAGE_ID_REUSED",
  "USAGE",
]);
