import { DeliveryState, type Fleet, MosaicError, newMessageId, type Receipt } from "@mosaic/client";
import { formatAddress } from "@mosaic/core/light";
import { type SentReceipt, toSentReceipt } from "../commands/agent/sent-receipt.ts";
import { receiptJson } from "../remote/receipt-json.ts";
import type { AnswerText } from "./answer-text.ts";
import { type FleetTool, objectSchema, type ToolCall } from "./fleet-tool.ts";
import { readAnswer } from "./read-answer.ts";
import { NOT_ORDERS } from "./read-tools.ts";

/** What became of a message, and what the agent said to it where its turn ended. */
export interface MessageOutcome {
  /** True when the state that was waited for is reached. */
  readonly complete: boolean;
  readonly message_id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly detail: string;
  /** Why it is not typed yet; empty: nothing holds it. */
  readonly held: string;
  readonly answer?: AnswerText;
  readonly hint?: string;
}

/** Less than the minute that clients commonly wait for a tool. */
const DEFAULT_WAIT_S = 45;
const LONGEST_WAIT_S = 600;

const timeout = { type: "integer", minimum: 1, maximum: LONGEST_WAIT_S, default: DEFAULT_WAIT_S };
const STATES = { entered: DeliveryState.ENTERED, accepted: DeliveryState.ACCEPTED, answered: DeliveryState.ANSWERED } as const;
type Wait = keyof typeof STATES;

/** Tools that put a text before an agent, or wait for what becomes of it. */
export const messageTools: readonly FleetTool[] = [
  {
    name: "send_message",
    title: "Send a message to an agent",
    description: `Puts a text before another agent as its next prompt, and waits until it was submitted (entered), taken (accepted) or its turn ended (answered: then the answer is what stands on its screen after the prompt). A message that was taken goes on also when the wait is over: ask wait_for_answer with its message_id, and never send it again under another one. ${NOT_ORDERS}`,
    inputSchema: objectSchema(
      {
        to: { type: "string", minLength: 1, description: "[[tenant/]host/]agent; a short form must be unique" },
        text: { type: "string", minLength: 1, maxLength: 262_144 },
        wait: { type: "string", enum: Object.keys(STATES), default: "answered" },
        timeout_s: { ...timeout, description: "how long to wait for that state, in seconds" },
        message_id: {
          type: "string",
          pattern: "^[A-Za-z0-9_.:-]{1,128}$",
          description: "to repeat an attempt of unknown outcome; what was typed once is not typed again",
        },
      },
      ["to", "text"],
    ),
    isReadOnly: false,
    run: async ({ to, text, wait = "answered", timeout_s = DEFAULT_WAIT_S, message_id }, fleet, call) => {
      const messageId = typeof message_id === "string" ? message_id : newMessageId();
      const wanted = { messageId, wait: wait as Wait, waitMs: Number(timeout_s) * 1000, prompt: String(text) };
      return await sendAndWait(fleet, String(to), wanted, call);
    },
  },
  {
    name: "wait_for_answer",
    title: "Wait for an agent's answer",
    description: `Waits until the turn that a message started has ended, and reads what stands on the agent's screen then. ${NOT_ORDERS}`,
    inputSchema: objectSchema(
      {
        message_id: { type: "string", minLength: 1, description: "as send_message told it" },
        timeout_s: { ...timeout, description: "how long to wait, in seconds" },
      },
      ["message_id"],
    ),
    isReadOnly: true,
    run: async ({ message_id, timeout_s = DEFAULT_WAIT_S }, fleet, call) => {
      const messageId = String(message_id);
      const [known] = await fleet.messages({ messageIds: [messageId], limit: 1 }, call);
      if (!known?.receipt) throw new MosaicError("MESSAGE_NOT_FOUND", `no server that was asked knows a message ${messageId}`);
      const wanted = { messageId, wait: "answered", waitMs: Number(timeout_s) * 1000, prompt: known.text } as const;
      return await outcomeOf(fleet, known.receipt, wanted, call);
    },
  },
];

interface Wanted {
  readonly messageId: string;
  readonly wait: Wait;
  readonly waitMs: number;
  readonly prompt: string;
}

async function sendAndWait(fleet: Fleet, to: string, wanted: Wanted, call: ToolCall): Promise<MessageOutcome> {
  const startedMs = performance.now();
  // What takes longer is waited for over a stream, which a lost connection does not end.
  const waitMs = Math.min(wanted.waitMs, 10_000);
  const { messageId, prompt } = wanted;
  const sent = await fleet
    .send({ to, text: prompt, messageId, waitFor: DeliveryState.ENTERED, waitMs }, call)
    .catch((thrown: unknown) => {
      throw withWayOn(MosaicError.from(thrown), messageId);
    });
  const leftMs = Math.max(1, wanted.waitMs - (performance.now() - startedMs));
  return await outcomeOf(fleet, sent, { ...wanted, waitMs: leftMs }, call);
}

/** After these nobody can tell whether it was taken; the one safe way to repeat it is the same id. */
function withWayOn(error: MosaicError, messageId: string): MosaicError {
  if (!["DEADLINE", "HOST_UNREACHABLE", "CANCELLED"].includes(error.code)) return error;
  const hint = `it may have been taken all the same: ask wait_for_answer, or repeat it with message_id ${messageId}`;
  return new MosaicError(error.code, error.message, { hint, cause: error });
}

async function outcomeOf(fleet: Fleet, sent: Receipt, wanted: Wanted, call: ToolCall): Promise<MessageOutcome> {
  const state = STATES[wanted.wait];
  const onStep = (receipt: Receipt) => call.onProgress?.(stepText(receipt));
  const options = { ...call, deadlineMs: Math.ceil(wanted.waitMs), onStep };
  const found = await fleet.waitFor(wanted.messageId, state, options).catch((thrown: unknown) => {
    if (MosaicError.from(thrown).code !== "DEADLINE") throw thrown;
    return undefined;
  });
  const [latest = sent] = found ? [found] : await fleet.receipts({ messageIds: [wanted.messageId], limit: 1 }, call);
  const receipt = toSentReceipt(receiptJson(latest));
  const isAnswered = latest.state === DeliveryState.ANSWERED;
  const answer =
    isAnswered && wanted.wait === "answered" ? await readAnswer(fleet, addressOf(receipt), wanted.prompt, call) : undefined;
  const { reason, detail, held } = receipt;
  const isComplete = found !== undefined && !["FAILED", "EXPIRED", "UNCONFIRMED"].includes(receipt.state);
  return {
    ...{ complete: isComplete, message_id: wanted.messageId, state: receipt.state, reason, detail, held },
    ...(answer ? { answer } : {}),
    ...(found ? {} : { hint: `the message goes on: ask wait_for_answer with message_id ${wanted.messageId}` }),
  };
}

function addressOf({ tenant_id: tenantId, host, name }: SentReceipt): string {
  return formatAddress({ tenantId, host, name });
}

function stepText(receipt: Receipt): string {
  const { state, held } = toSentReceipt(receiptJson(receipt));
  return held === "" ? state : `${state}; held: ${held}`;
}
