import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Injection, StoredMessage } from "@mosaic/core";
import { type Receipt, ReceiptSchema } from "@mosaic/wire";
import type { FoundRecord, MessageRecord, Write } from "./journal.ts";

/** A message without its text, which may lie on disk only. */
export type MessageFacts = Omit<StoredMessage, "text">;

/** What is written of a new message. */
export function toRecord(message: StoredMessage): MessageRecord {
  const { sequence, messageId, payloadSha256, expiresAtUnixMs, policy, command, capability, text } = message;
  // Both are the sender's and never change. No trace context has a space in it, and an older Mosaic passes over one that has.
  const traceparent = capability === undefined ? message.traceparent : `${message.traceparent} ${capability}`;
  return {
    ...{ sequence, messageId, payloadSha256, traceparent, expiresAtUnixMs, policy, command: command ?? null },
    ...progressOf(message),
    text: new TextEncoder().encode(text),
  };
}

/** What is written when a message has come further. */
export function toUpdate(message: MessageFacts): Write {
  return { kind: "update", messageId: message.messageId, sequence: message.sequence, ...progressOf(message) };
}

function progressOf({ receipt, injecting }: { readonly receipt: Receipt; readonly injecting?: Injection | undefined }) {
  return {
    receipt: toBinary(ReceiptSchema, receipt),
    injecting: injecting === undefined ? "" : JSON.stringify(injecting),
  };
}

/** Reads a record back.
 *  @throws Error when it holds something else than was written */
export function fromRecord(record: FoundRecord): MessageFacts {
  const { sequence, messageId, payloadSha256, expiresAtUnixMs, command, injecting } = record;
  const [traceparent = "", capability] = record.traceparent.split(" ");
  return {
    ...{ sequence, messageId, payloadSha256, traceparent, expiresAtUnixMs },
    receipt: fromBinary(ReceiptSchema, record.receipt),
    policy: toPolicy(record.policy),
    ...(command === null ? {} : { command }),
    ...(capability === undefined ? {} : { capability }),
    ...(injecting === "" ? {} : { injecting: JSON.parse(injecting) as Injection }),
  };
}

function toPolicy(text: string): StoredMessage["policy"] {
  if (text === "at-most-once" || text === "at-least-once") return text;
  throw new Error(`"${text}" is no policy`);
}
