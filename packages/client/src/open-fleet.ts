import { type Clock, hasReached, isFinal, MosaicError } from "@mosaic/core";
import { type PartialAddress, parseAddress } from "@mosaic/core/light";
import { CAPABILITY_HEADER, type FleetClient, type FleetConnection, fromConnectError } from "@mosaic/rpc";
import { DeliveryState, InjectionPolicy, type ListResponse, type Receipt } from "@mosaic/wire";
import type { CallerIdentity } from "./caller-identity.ts";
import type { CallOptions, Fleet, FleetAnswer, FleetQuestion, OutgoingMessage, ReceiptsQuestion } from "./fleet.ts";
import { followFleet } from "./follow-fleet.ts";
import { followReceipt } from "./follow-receipt.ts";
import { newMessageId } from "./message-id.ts";
import { signCall } from "./sign-call.ts";
import { toSelector } from "./to-selector.ts";

export interface OpenFleetDeps {
  readonly connection: FleetConnection;
  readonly clock: Clock;
  readonly identity?: CallerIdentity | undefined;
}

export interface OpenFleetOptions {
  readonly sourceLabel?: string | undefined;
  /** In ms. Default 10 s. */
  readonly deadlineMs?: number | undefined;
}

const DEADLINE_MS = 10_000;
/** Beyond the wait itself, for the way there and back and for typing, in ms. */
const SLACK_MS = 10_000;
const WAIT_MS = 10_000;
/** As long as one Send may wait; whoever waits longer says so. */
const WAIT_FOR_MS = 600_000;

/** Puts the client together over a connection that is there. */
export function openFleet({ connection, clock, identity }: OpenFleetDeps, options: OpenFleetOptions): Fleet {
  const { client } = connection;
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const call = <T>(what: string, given: CallOptions, work: (call: RpcOptions) => Promise<T>, ownDeadlineMs = deadlineMs) =>
    withOwnErrors(what, () => work({ ...rpcOptions(given), timeoutMs: given.deadlineMs ?? ownDeadlineMs }));
  const signed = async <Req extends object>(method: string, request: Req, rpc: RpcOptions) => {
    if (!identity) return { request, rpc };
    const ask = <Res extends object>(asked: string, question: object) => askFor<Res>(client, asked, question, rpc);
    const { request: complete, token } = await signCall(identity, method, request, ask);
    const headers = token === undefined ? rpc.headers : { ...rpc.headers, [CAPABILITY_HEADER]: token };
    return { request: complete, rpc: { ...rpc, headers } };
  };

  return {
    info: (given = {}) => call("Info", given, (rpc) => client.info({}, rpc)),
    list: (question = {}, given = {}) => call("List", given, (rpc) => listAll(client, question, rpc)),
    watch: (signal, question = {}) => followFleet({ client, clock }, question, signal),
    send: async (message, given = {}) => {
      const request = toSendRequest(message, options.sourceLabel ?? "");
      const work = async (rpc: RpcOptions) => {
        const ready = await signed("Send", request, rpc);
        return (await client.send(ready.request, ready.rpc)).receipt;
      };
      return receiptOf(await call(`Send of ${request.messageId}`, given, work, request.waitMs + SLACK_MS), request.messageId);
    },
    waitFor: async (messageId, state, given = {}) => {
      const limitMs = given.deadlineMs ?? WAIT_FOR_MS;
      const limit = AbortSignal.any([AbortSignal.timeout(limitMs), ...(given.signal ? [given.signal] : [])]);
      const steps = followReceipt({ client, clock }, messageId, limit, rpcOptions(given).headers);
      for await (const receipt of steps) {
        given.onStep?.(receipt);
        if (hasReached(receipt.state, state) || isFinal(receipt.state)) return receipt;
      }
      given.signal?.throwIfAborted();
      throw new MosaicError("DEADLINE", `message ${messageId} was not ${nameOf(state)} within ${limitMs} ms; it goes on`);
    },
    follow: (messageId, signal) => followReceipt({ client, clock }, messageId, signal),
    cancel: async (messageId, given = {}) => {
      const work = async (rpc: RpcOptions) => {
        const ready = await signed("CancelMessage", { messageId, sourceLabel: options.sourceLabel ?? "" }, rpc);
        return (await client.cancelMessage(ready.request, ready.rpc)).receipt;
      };
      return receiptOf(await call(`CancelMessage of ${messageId}`, given, work), messageId);
    },
    receipts: (question = {}, given = {}) =>
      call("ListMessages", given, async (rpc) => {
        const { messages } = await client.listMessages(toMessagesRequest(question, false), rpc);
        return messages.flatMap(({ receipt }) => receipt ?? []);
      }),
    messages: (question = {}, given = {}) =>
      call("ListMessages", given, async (rpc) => (await client.listMessages(toMessagesRequest(question, true), rpc)).messages),
    tail: (agent, lines, given = {}) =>
      call("Tail", given, async (rpc) => {
        const ready = await signed("Tail", { agent: toAddress(agent), lines, follow: false }, rpc);
        const found: string[] = [];
        for await (const part of client.tail(ready.request, ready.rpc)) found.push(...part.lines);
        return { lines: found };
      }),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

interface RpcOptions {
  readonly signal?: AbortSignal;
  readonly headers: Record<string, string>;
  readonly timeoutMs?: number;
}

function rpcOptions({ signal, traceparent }: CallOptions): RpcOptions {
  return { ...(signal ? { signal } : {}), headers: traceparent === undefined ? {} : { traceparent } };
}

async function withOwnErrors<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw fromConnectError(thrown, what);
  }
}

/** Pages are put together; the hosts are those of the last one, whose ages are the newest. */
async function listAll(
  client: FleetClient,
  { isLive = false, ...question }: FleetQuestion & { readonly isLive?: boolean },
  rpc: RpcOptions,
): Promise<FleetAnswer> {
  const agents: ListResponse["agents"] = [];
  let isInconsistent = false;
  for (let pageToken = ""; ; ) {
    const page = await client.list({ selector: toSelector(question), live: isLive, pageToken }, rpc);
    for (const agent of page.agents) agents.push(agent);
    isInconsistent ||= page.inconsistentContinue;
    const { hosts, conditions, nextPageToken } = page;
    // A server that hands out the same token again would keep us here for ever.
    if (nextPageToken === "" || nextPageToken === pageToken) return { agents, hosts, isInconsistent, conditions };
    pageToken = nextPageToken;
  }
}

function toMessagesRequest({ messageIds = [], states = [], limit = 100, ...question }: ReceiptsQuestion, withText: boolean) {
  return { selector: toSelector(question), messageIds: [...messageIds], states: [...states], limit, withText };
}

function toSendRequest(message: OutgoingMessage, sourceLabel: string) {
  return {
    agent: toAddress(message.to),
    messageId: message.messageId ?? newMessageId(),
    text: message.text,
    sourceLabel: message.sourceLabel ?? sourceLabel,
    waitFor: message.waitFor ?? DeliveryState.ENTERED,
    waitMs: Math.max(1, message.waitMs ?? WAIT_MS),
    expiresInMs: message.expiresInMs ?? 0,
    policy: message.atLeastOnce ? InjectionPolicy.AT_LEAST_ONCE : InjectionPolicy.UNSPECIFIED,
  };
}

function toAddress(agent: string | PartialAddress): { tenantId: string; host: string; name: string } {
  const { tenantId, host, name } = typeof agent === "string" ? parseAddress(agent) : agent;
  return { tenantId, host, name };
}

function receiptOf(receipt: Receipt | undefined, messageId: string): Receipt {
  if (receipt) return receipt;
  throw new MosaicError("INTERNAL", `the server took message ${messageId} and gave no receipt`);
}

function nameOf(state: DeliveryState): string {
  return Object.entries(DeliveryState).find(([, value]) => value === state)?.[0] ?? String(state);
}

/** What a signature needs to know beforehand: the two questions of `signCall`, whose answers have the same names in both forms. */
async function askFor<Res extends object>(client: FleetClient, method: string, question: object, rpc: RpcOptions): Promise<Res> {
  const answer = method === "List" ? await client.list(question, rpc) : await client.listMessages(question, rpc);
  return answer as object as Res;
}
