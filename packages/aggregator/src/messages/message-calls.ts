import { create } from "@bufbuild/protobuf";
import {
  type AuditLog,
  type Clock,
  isFinal,
  MosaicError,
  mergeReceipts,
  type StoredMessage,
  selectsHost,
  selectsRow,
} from "@mosaic/core";
import type { PassText } from "@mosaic/core/guardrails";
import { type CallContext, fromConnectError, statusNameOf } from "@mosaic/rpc";
import {
  type Agent,
  type CancelMessageRequest,
  DeliveryState,
  FailureReason,
  type HostStatus,
  type ListMessagesRequest,
  type Message,
  MessageSchema,
  type Receipt,
  type RetryMessageRequest,
  type SendRequest,
} from "@mosaic/wire";
import { inParallel, isRefused, withFailure } from "../live-fan-out.ts";
import { callOptions, fullAddress } from "../relay.ts";
import type { Upstream } from "../upstream.ts";
import type { Forwarder } from "./forwarder.ts";
import { recordHere } from "./message-audit.ts";
import { agentAt, type Routes, wayTo } from "./message-route.ts";
import { hostOf } from "./open-messages.ts";
import type { Outbox } from "./outbox.ts";

export interface MessageCallDeps extends Routes {
  readonly outbox: Outbox;
  readonly forwarder: Forwarder;
  readonly clock: Clock;
  /** What is done here to a message that never left. Absent: nothing is put on record. */
  readonly audit?: AuditLog | undefined;
  /** What texts for agents pass before they are stored. Absent: nothing. */
  readonly passText?: PassText | undefined;
}

const MEMBER_DEADLINE_MS = 2000;
const CONCURRENCY = 64;
const DEFAULT_LIMIT = 100;

/** Makes a message durable here, gives it to who carries it, and waits as the request asks. For a host that can't be reached now
 *  nobody waits: the receipt says that the message is kept. */
export async function sendMessage(deps: MessageCallDeps, request: SendRequest, context: CallContext): Promise<Receipt> {
  const agent = agentAt(deps, request.agent);
  context.span.setAttribute("mosaic.agent", `${agent.tenantId}/${agent.host}/${agent.name}`);
  const passed = await deps.passText?.({
    ...{ messageId: request.messageId, agent, actor: request.sourceLabel || "not said", text: request.text },
    isSealed: context.token !== undefined,
  });
  const ofSender = { traceparent: context.span.traceparent ?? "", capability: context.token, guard: passed?.guard };
  const guarded = passed ? { ...request, text: passed.text } : request;
  const { message, isNew } = await deps.outbox.take(guarded, agent, ofSender);
  const way = wayTo(deps, agent);
  if (isNew && way.kind === "closed") await deps.outbox.hold(message.messageId, way.why);
  deps.forwarder.wake(message.messageId);
  const receipt =
    way.kind === "open" ? await deps.outbox.reached(request, context) : (deps.outbox.get(message.messageId) ?? message).receipt;
  return { ...receipt, duplicate: !isNew };
}

/** Asks every member that has a selected host for its messages, lays them over what is held here, and names who did not answer. */
export async function listMessages(
  deps: MessageCallDeps,
  request: ListMessagesRequest,
  context: CallContext,
): Promise<{ messages: Message[]; hosts: HostStatus[]; truncated: boolean }> {
  const limit = request.limit || DEFAULT_LIMIT;
  const found = new Map<string, Message>();
  for (const message of deps.outbox.all())
    if (isAsked(message, request)) found.set(message.messageId, asMessage(message, request));
  let isCut = false;
  const failures = await askMembers(deps, request, context, (upstream, options) =>
    upstream.client.listMessages({ ...request, states: [] }, options).then(({ messages, truncated }) => {
      isCut ||= truncated;
      for (const message of messages) layOver(found, message);
    }),
  );
  const messages = [...found.values()]
    .filter(({ receipt }) => receipt && (request.states.length === 0 || request.states.includes(receipt.state)))
    .sort((a, b) => Number((b.receipt?.createdAtUnixMs ?? 0n) - (a.receipt?.createdAtUnixMs ?? 0n)));
  return { messages: messages.slice(0, limit), hosts: failures, truncated: isCut || messages.length > limit };
}

/** Gives a message up where it is, on record there: here while it never left, else on its agent's host.
 *  @throws MosaicError MESSAGE_NOT_FOUND, HOST_UNREACHABLE; MACHINE when it can't be recorded */
export async function cancelMessage(
  deps: MessageCallDeps,
  request: CancelMessageRequest,
  context: CallContext,
): Promise<Receipt> {
  const ours = deps.outbox.get(request.messageId);
  if (ours && isFinal(ours.receipt.state)) return ours.receipt;
  const isHere = () => {
    const now = deps.outbox.get(request.messageId)?.receipt;
    return now?.state === DeliveryState.QUEUED && wayTo(deps, hostOf(now)).kind === "closed";
  };
  if (ours && isHere()) await recordHere(deps.audit, "message.cancel", ours, request.sourceLabel);
  // It may have left meanwhile.
  if (isHere()) {
    const detail = `cancelled by ${request.sourceLabel || "somebody who did not say"} before it left`;
    const ended = await deps.outbox.end(request.messageId, DeliveryState.FAILED, { reason: FailureReason.CANCELLED, detail });
    if (ended) return ended;
  }
  return await atItsHost(deps, request, context, async (upstream, options, agent) => {
    const { receipt } = await upstream.client.cancelMessage({ ...request, ...agent }, options);
    return receipt;
  });
}

/** Sends a message again, from where it ended, on record there.
 *  @throws MosaicError MESSAGE_NOT_FOUND, HOST_UNREACHABLE, and what the agent's host throws; MACHINE when it can't be recorded */
export async function retryMessage(deps: MessageCallDeps, request: RetryMessageRequest, context: CallContext): Promise<Receipt> {
  const ours = deps.outbox.get(request.messageId);
  if (ours && endedHere(ours)) {
    await recordHere(deps.audit, "message.retry", ours, request.sourceLabel);
    const again = await deps.outbox.again(request.messageId);
    deps.forwarder.wake(request.messageId);
    if (again) return again;
  }
  return await atItsHost(deps, request, context, async (upstream, options, agent) => {
    const { receipt } = await upstream.client.retryMessage({ ...request, ...agent }, options);
    return receipt;
  });
}

// It never was on its agent's host, so nothing there can be told to try again.
function endedHere({ receipt }: StoredMessage): boolean {
  return isFinal(receipt.state) && receipt.steps.every((step) => step.state !== DeliveryState.DELIVERED);
}

/** Asks the host that has a message; when it is not known which, every one. */
async function atItsHost(
  deps: MessageCallDeps,
  request: CancelMessageRequest | RetryMessageRequest,
  context: CallContext,
  ask: (
    upstream: Upstream,
    options: ReturnType<typeof callOptions>,
    agent: { agent?: ReturnType<typeof fullAddress> },
  ) => Promise<Receipt | undefined>,
): Promise<Receipt> {
  const known = deps.outbox.get(request.messageId)?.receipt;
  const agent = known ? undefined : request.agent && agentAt(deps, request.agent);
  const host = known ? hostOf(known) : agent;
  if (host) {
    const way = wayTo(deps, host);
    if (way.kind === "closed") {
      throw new MosaicError("HOST_UNREACHABLE", `cannot reach message ${request.messageId}: ${way.why}`, {
        hint: "see when it is tried again: mosaic host list",
      });
    }
    const address = known?.agent ?? (agent && fullAddress(agent));
    const receipt = await ask(way.upstream, callOptions(context), address ? { agent: address } : {}).catch((thrown: unknown) => {
      throw fromConnectError(thrown, `message ${request.messageId} on ${host.tenantId}/${host.host}`);
    });
    if (!receipt) throw notFound(request.messageId, []);
    await deps.outbox.learn(receipt);
    return deps.outbox.get(request.messageId)?.receipt ?? receipt;
  }
  return await whoeverHasIt(deps, request.messageId, context, (upstream, options) => ask(upstream, options, {}));
}

async function whoeverHasIt(
  deps: MessageCallDeps,
  messageId: string,
  context: CallContext,
  ask: (upstream: Upstream, options: ReturnType<typeof callOptions>) => Promise<Receipt | undefined>,
): Promise<Receipt> {
  const found: Receipt[] = [];
  const failures = await askMembers(deps, {}, context, async (upstream, options) => {
    const receipt = await ask(upstream, options).catch((thrown: unknown) => {
      const error = fromConnectError(thrown, "message");
      if (error.code === "MESSAGE_NOT_FOUND") return undefined;
      throw error;
    });
    if (receipt) found.push(receipt);
  });
  const [receipt] = found;
  if (receipt) return receipt;
  throw notFound(
    messageId,
    failures.filter((host) => host.detail !== ""),
  );
}

function notFound(messageId: string, silent: readonly HostStatus[]): MosaicError {
  const names = silent.map((host) => `${host.tenantId}/${host.host}`).join(", ");
  const unknown = names === "" ? "" : `; these hosts did not answer: ${names}`;
  return new MosaicError("MESSAGE_NOT_FOUND", `no message ${messageId} is known${unknown}`, { hint: "see mosaic message list" });
}

/** Asks each member that has a selected host, at the same time.
 *  @returns every selected host, those that failed with the reason */
async function askMembers(
  { fleetLog, table }: Routes,
  { selector }: Partial<Pick<ListMessagesRequest, "selector">>,
  context: CallContext,
  ask: (upstream: Upstream, options: ReturnType<typeof callOptions>) => Promise<void>,
): Promise<HostStatus[]> {
  const hosts = fleetLog.state.hosts().filter((host) => selectsHost(selector, host));
  const owners = new Set(hosts.flatMap((host) => table.ownerOf(host) ?? []).filter((upstream) => !isRefused(upstream)));
  const options = callOptions(context);
  const timeoutMs = Math.min(options.timeoutMs ?? MEMBER_DEADLINE_MS, MEMBER_DEADLINE_MS);
  const failed = new Map<Upstream, { code: string; detail: string; isOurs: false }>();
  await inParallel([...owners], CONCURRENCY, async (upstream) => {
    if (upstream.link.kind === "lost") return;
    await ask(upstream, { ...options, timeoutMs }).catch((thrown: unknown) => {
      failed.set(upstream, { code: statusNameOf(thrown), detail: fromConnectError(thrown, "message").message, isOurs: false });
    });
  });
  return hosts.map((host) => {
    const owner = table.ownerOf(host);
    const failure = owner && failed.get(owner);
    return failure ? withFailure(table.asOfNow(host), failure) : table.asOfNow(host);
  });
}

function layOver(found: Map<string, Message>, told: Message): void {
  if (!told.receipt) return;
  const ours = found.get(told.receipt.messageId);
  const receipt = ours?.receipt ? mergeReceipts(ours.receipt, told.receipt) : told.receipt;
  found.set(told.receipt.messageId, { ...told, receipt, text: told.text || ours?.text || "" });
}

function isAsked({ messageId, receipt }: StoredMessage, { selector, messageIds }: ListMessagesRequest): boolean {
  if (messageIds.length > 0 && !messageIds.includes(messageId)) return false;
  return selectsRow(selector, { ...hostOf(receipt), name: receipt.agent?.name ?? "" } as Agent);
}

function asMessage({ receipt, text }: StoredMessage, { withText }: ListMessagesRequest): Message {
  return create(MessageSchema, { receipt, text: withText ? text : "" });
}
