import { elapsedMs } from "../commands/agent/send-sentence.ts";
import { isAtEnd, type SentReceipt, type SentStep, toSentReceipt } from "../commands/agent/sent-receipt.ts";
import { isAnswering, type Via } from "../fleet/ps-answer.ts";
import type { PsHost } from "../fleet/ps-host.ts";
import type { FoundMessage } from "./find-message.ts";

/** What `message show --json` prints. The names of its fields are a contract; see show.test.ts. */
export interface MessageShowAnswer {
  readonly schema: "mosaic.message.show/1";
  /** False when the agent's host, which knows best, did not answer and something may still happen to the message. */
  readonly complete: boolean;
  readonly via: Via;
  /** The agent's host, when it was named. */
  readonly hosts: readonly PsHost[];
  readonly receipt: ShownReceipt;
  /** As it was sent. Null: not asked for. */
  readonly text: string | null;
}

export interface ShownReceipt extends SentReceipt {
  readonly steps: readonly ShownStep[];
}

export interface ShownStep extends SentStep {
  /** Since the step before. Null: there is none, or their clocks can't be compared. */
  readonly after_ms: number | null;
}

/** Puts a message into the form of the answer. */
export function toShowAnswer({ message, via, hosts }: FoundMessage, withText: boolean): MessageShowAnswer {
  const receipt = toSentReceipt(message.receipt ?? {});
  const own = hosts.filter((host) => isHostOf(receipt, host));
  return {
    schema: "mosaic.message.show/1",
    complete: isAtEnd(receipt) || own.every(isAnswering),
    via,
    hosts: own,
    receipt: {
      ...receipt,
      steps: receipt.steps.map((step, index) => ({ ...step, after_ms: elapsedMs(receipt.steps[index - 1], step) ?? null })),
    },
    text: withText ? (message.text ?? "") : null,
  };
}

function isHostOf(receipt: SentReceipt, host: PsHost): boolean {
  const sameHost = receipt.host_id === "" || host.host_id === "" ? receipt.host === host.host : receipt.host_id === host.host_id;
  return sameHost && receipt.tenant_id === host.tenant_id;
}
