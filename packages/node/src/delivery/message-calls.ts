import { create } from "@bufbuild/protobuf";
import type { AuditLog, Clock } from "@mosaic/core";
import { hasReached, isFinal, MosaicError, mayHaveBeenTaken, nextAttempt, type StoredMessage, selectsRow } from "@mosaic/core";
import {
  type Agent,
  type CancelMessageRequest,
  DeliveryState,
  FailureReason,
  type ListMessagesRequest,
  type Message,
  MessageSchema,
  type Receipt,
  ReceiptSchema,
  type RetryMessageRequest,
  type Selector,
} from "@mosaic/wire";
import { NO_LABEL } from "../attach.ts";
import { enumName } from "./enum-names.ts";
import type { Inbox } from "./inbox.ts";
import { lastStep } from "./message-steps.ts";

export interface MessageCallDeps {
  readonly inbox: Inbox;
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** Says that something may go on for an agent's messages. */
  readonly wake: (agentName: string) => void;
}

const DEFAULT_LIMIT = 100;

/** The messages that are asked for, newest first. */
export function listMessages(inbox: Inbox, request: ListMessagesRequest): { messages: Message[]; truncated: boolean } {
  const limit = request.limit || DEFAULT_LIMIT;
  const ids = new Set(request.messageIds);
  const known = ids.size > 0 ? [...ids].flatMap((id) => inbox.get(id) ?? []) : [...inbox.store.all()];
  const found = known
    .filter(({ receipt }) => request.states.length === 0 || request.states.includes(receipt.state))
    .filter(({ receipt }) => selectsMessage(request.selector, receipt))
    .sort((a, b) => b.sequence - a.sequence);
  const messages = found
    .slice(0, limit)
    .map(({ receipt, text }) => create(MessageSchema, { receipt, text: request.withText ? text : "" }));
  return { messages, truncated: found.length > limit };
}

/** True when the message's agent is within the selector. */
export function selectsMessage(selector: Selector | undefined, { agent, hostId }: Receipt): boolean {
  const { tenantId = "", host = "", name = "" } = agent ?? {};
  return selectsRow(selector, { tenantId, host, hostId, name } as Agent);
}

/** Gives up a message that was not typed yet; the audit log has it before. One that was is answered as it stands.
 *  @throws MosaicError MESSAGE_NOT_FOUND, STORE_UNAVAILABLE; MACHINE when it can't be recorded */
export async function cancelMessage(deps: MessageCallDeps, request: CancelMessageRequest): Promise<Receipt> {
  const message = known(deps.inbox, request.messageId);
  if (!isUntyped(message)) return message.receipt;
  const label = request.sourceLabel || NO_LABEL;
  await record(deps, "message.cancel", message, label);
  const facts = { atUnixMs: deps.clock.nowUnixMs(), reason: FailureReason.CANCELLED, detail: `cancelled by ${label}` };
  const now = await deps.inbox.change(request.messageId, (each) =>
    isUntyped(each) ? lastStep(DeliveryState.FAILED, facts)(each) : undefined,
  );
  deps.wake(message.receipt.agent?.name ?? "");
  return (now ?? message).receipt;
}

/** Puts a message into line again that failed, expired or was never confirmed; the audit log has it before.
 *  @throws MosaicError MESSAGE_NOT_FOUND, STORE_UNAVAILABLE; USAGE for one that is on its way or was taken; NOT_CONFIRMED for one
 *    that may have been taken, without leave for that; MACHINE when it can't be recorded */
export async function retryMessage(deps: MessageCallDeps, request: RetryMessageRequest): Promise<Receipt> {
  const { messageId, mayDuplicate } = request;
  const message = known(deps.inbox, messageId);
  assertMayRetry(message, mayDuplicate);
  const label = request.sourceLabel || NO_LABEL;
  await record(deps, "message.retry", message, label);
  const now = await deps.inbox.change(messageId, (each) => {
    assertMayRetry(each, mayDuplicate);
    const nowUnixMs = deps.clock.nowUnixMs();
    const receipt = nextAttempt(each.receipt, nowUnixMs, `sent again by ${label}`);
    const expiresAtUnixMs = BigInt(nowUnixMs + lifeMs(each));
    return { receipt: create(ReceiptSchema, { ...receipt, expiresAtUnixMs }) };
  });
  deps.wake(message.receipt.agent?.name ?? "");
  return (now ?? message).receipt;
}

function known(inbox: Inbox, messageId: string): StoredMessage {
  const message = inbox.get(messageId);
  if (message) return message;
  throw new MosaicError("MESSAGE_NOT_FOUND", `no message "${messageId}" is known on this host`, {
    hint: "see what there is: mosaic message list",
  });
}

function isUntyped({ receipt, injecting }: StoredMessage): boolean {
  return injecting === undefined && !isFinal(receipt.state) && !hasReached(receipt.state, DeliveryState.TYPED);
}

function assertMayRetry({ messageId, receipt, injecting }: StoredMessage, mayDuplicate: boolean): void {
  const { state } = receipt;
  const isOver = state === DeliveryState.FAILED || state === DeliveryState.EXPIRED || state === DeliveryState.UNCONFIRMED;
  if (!isOver || injecting) {
    const what = `message "${messageId}" is ${enumName(DeliveryState, state).toUpperCase()}`;
    throw new MosaicError("USAGE", `${what}: only one that failed, expired or was never confirmed is sent again`, {
      hint: `see its way: mosaic message show ${messageId}`,
    });
  }
  if (mayDuplicate || !mayHaveBeenTaken(receipt)) return;
  throw new MosaicError("NOT_CONFIRMED", `message "${messageId}" may have been taken: sent again, the agent may see it twice`, {
    hint: "look first: mosaic agent tail; to send it all the same, allow a duplicate",
  });
}

// As long as it had the first time.
function lifeMs({ expiresAtUnixMs, receipt }: StoredMessage): number {
  return Math.max(1000, expiresAtUnixMs - Number(receipt.createdAtUnixMs));
}

async function record({ audit }: MessageCallDeps, action: string, { messageId, receipt }: StoredMessage, actor: string) {
  const { tenantId = "", host = "", name = "" } = receipt.agent ?? {};
  const facts = { message_id: messageId, state: enumName(DeliveryState, receipt.state) };
  await audit.record({ action, actor, tenantId, host, agent: name, facts });
}
