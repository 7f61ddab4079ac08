import { createHash } from "node:crypto";
import { create, type DescMessage, fromJson, type JsonValue, type Message, type MessageShape } from "@bufbuild/protobuf";
import {
  type AgentAddress,
  AgentAddressSchema,
  CancelMessageRequestSchema,
  DecideRequestSchema,
  InjectionPolicy,
  ReadLogRequestSchema,
  ResetRequestSchema,
  RetryMessageRequestSchema,
  SendRequestSchema,
  TailRequestSchema,
  WatchTerminalRequestSchema,
} from "@mosaic/wire";

/** What of a request its caller signs. */
export interface SignedRequest {
  /** The agent that it is for; of what is about a host, without a name. */
  readonly agent: AgentAddress | undefined;
  /** SHA-256 of the signed fields, in hex. */
  readonly requestSha256: string;
  /** The message's id, where the request is about one; else empty. */
  readonly messageId: string;
  /** When the message expires by itself, in ms from now; 0: as the server likes. Of a Send only. */
  readonly expiresInMs: number;
}

type Value = string | number | boolean;

/** The fields that are signed, by method. What hops change on the way is not: how long and for what a sender waits, and what is
 *  left of a message's life. A method that is not here can't be relayed for its caller. */
const SIGNED: Readonly<Record<string, Signing>> = {
  Send: signing(SendRequestSchema, (send) => [
    ...[...agentOf(send), send.messageId, send.text, send.sourceLabel],
    // Not to choose is to choose the default, and hops write that out.
    send.policy === InjectionPolicy.AT_LEAST_ONCE,
  ]),
  Reset: signing(ResetRequestSchema, (reset) => [...agentOf(reset), reset.messageId, reset.sourceLabel]),
  CancelMessage: signing(CancelMessageRequestSchema, (cancel) => [...agentOf(cancel), cancel.messageId, cancel.sourceLabel]),
  RetryMessage: signing(RetryMessageRequestSchema, (retry) => [
    ...[...agentOf(retry), retry.messageId, retry.sourceLabel, retry.mayDuplicate],
  ]),
  Decide: signing(DecideRequestSchema, (answer) => [
    ...[...agentOf(answer), answer.requestId, answer.decision, answer.sourceLabel, answer.comment],
  ]),
  Tail: signing(TailRequestSchema, (tail) => [...agentOf(tail), tail.lines, tail.follow]),
  WatchTerminal: signing(WatchTerminalRequestSchema, (watch) => agentOf(watch)),
  ReadLog: signing(ReadLogRequestSchema, (log) => [log.tenantId, log.host, log.lines, log.minLevel, log.follow]),
};

/** What of a request is signed.
 *  @returns undefined for a method that nobody can relay for its caller */
export function signedRequest(method: string, request: Message): SignedRequest | undefined {
  const signed = Object.hasOwn(SIGNED, method) ? SIGNED[method] : undefined;
  if (!signed) return undefined;
  const { agent, messageId = "", expiresInMs = 0 } = request as Partial<MessageShape<typeof SendRequestSchema>>;
  const requestSha256 = createHash("sha256")
    .update(JSON.stringify([method, ...signed.values(request)]))
    .digest("hex");
  return { agent: isAboutHost(method) ? hostOf(request) : agent, messageId, expiresInMs, requestSha256 };
}

/** The same of a request in its JSON form. */
export function signedJson(method: string, request: object): SignedRequest | undefined {
  const signed = Object.hasOwn(SIGNED, method) ? SIGNED[method] : undefined;
  return signed && signedRequest(method, fromJson(signed.schema, request as JsonValue));
}

interface Signing {
  readonly schema: DescMessage;
  readonly values: (request: Message) => readonly Value[];
}

function signing<Schema extends DescMessage>(
  schema: Schema,
  values: (request: MessageShape<Schema>) => readonly Value[],
): Signing {
  return { schema, values: (request) => values(request as MessageShape<Schema>) };
}

/** Whether a method is about a host as a whole, and about no agent of it. */
export function isAboutHost(method: string): boolean {
  return method === "ReadLog";
}

function hostOf(request: Message): AgentAddress {
  const { tenantId = "", host = "" } = request as Partial<MessageShape<typeof ReadLogRequestSchema>>;
  return create(AgentAddressSchema, { tenantId, host });
}

function agentOf({ agent }: { readonly agent?: AgentAddress | undefined }): Value[] {
  return [agent?.tenantId ?? "", agent?.host ?? "", agent?.name ?? ""];
}
