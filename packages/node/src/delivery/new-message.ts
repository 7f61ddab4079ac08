import { create } from "@bufbuild/protobuf";
import { newReceipt, type StoredMessage, textToType, withStep } from "@mosaic/core";
import {
  type Agent,
  DeliveryState,
  type GuardDecision,
  InjectionPolicy,
  ReceiptSchema,
  type ResetRequest,
  type SendRequest,
} from "@mosaic/wire";
import { sha256 } from "./message-hashes.ts";

export type NewMessage = Omit<StoredMessage, "sequence">;

const DAY_MS = 24 * 3_600_000;
/** The contract's own limit. */
const MAX_LIFE_MS = 7 * DAY_MS;
/** A fresh conversation is wanted now or not at all: much later it would be another one's that is lost. */
const COMMAND_LIFE_MS = 600_000;

/** A message as it is made durable.
 *  @param guard what guardrails did with its text before; undefined: nothing
 *  @throws MosaicError USAGE for text that can't be typed */
export function newMessage(
  request: SendRequest,
  agent: Agent,
  traceparent: string,
  nowUnixMs: number,
  guard?: GuardDecision,
): NewMessage {
  const policy = request.policy === InjectionPolicy.AT_LEAST_ONCE ? "at-least-once" : "at-most-once";
  const typed = textToType(request.text, agent.runtime, request.sourceLabel);
  const expiresAtUnixMs = nowUnixMs + Math.min(request.expiresInMs || DAY_MS, MAX_LIFE_MS);
  const payload = [agent.tenantId, agent.host, agent.name, request.text, policy];
  const making = { request, agent, typed, payload, expiresAtUnixMs, nowUnixMs, guard };
  return durable(making, { text: request.text, traceparent, policy });
}

/** A runtime's own command as it is made durable, to be typed in line with the messages. */
export function newCommand(
  request: ResetRequest,
  command: string,
  agent: Agent,
  traceparent: string,
  nowUnixMs: number,
): NewMessage {
  const payload = [agent.tenantId, agent.host, agent.name, "command", command];
  const making = { request, agent, typed: command, payload, expiresAtUnixMs: nowUnixMs + COMMAND_LIFE_MS, nowUnixMs };
  return durable(making, { text: command, command, traceparent, policy: "at-most-once" });
}

interface Making {
  readonly request: Pick<SendRequest, "messageId" | "sourceLabel">;
  readonly agent: Agent;
  readonly typed: string;
  readonly payload: readonly string[];
  readonly expiresAtUnixMs: number;
  readonly nowUnixMs: number;
  readonly guard?: GuardDecision | undefined;
}

// This host is where the message is durable first and where its agent is: two steps of one moment.
function durable(making: Making, fields: Pick<StoredMessage, "text" | "command" | "traceparent" | "policy">): NewMessage {
  const { request, agent, typed, expiresAtUnixMs, nowUnixMs } = making;
  const fresh = create(ReceiptSchema, {
    ...newReceipt(request.messageId, agent, sha256(typed)),
    attempt: 1,
    sourceLabel: request.sourceLabel,
    textBytes: Buffer.byteLength(fields.text),
    createdAtUnixMs: BigInt(nowUnixMs),
    expiresAtUnixMs: BigInt(expiresAtUnixMs),
    guard: making.guard,
  });
  const queued = withStep(fresh, DeliveryState.QUEUED, { atUnixMs: nowUnixMs });
  const receipt = withStep(queued, DeliveryState.DELIVERED, { atUnixMs: nowUnixMs });
  return {
    messageId: request.messageId,
    receipt,
    payloadSha256: sha256(JSON.stringify(making.payload)),
    expiresAtUnixMs,
    ...fields,
  };
}
