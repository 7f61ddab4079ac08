import { create } from "@bufbuild/protobuf";
import { type FleetLog, MosaicError } from "@mosaic/core";
import { decide, type Identity, type Policy, whoIs } from "@mosaic/identity";
import { type CallContext, type FleetHandlers, noSuchThing, presenceWithin, type Scope } from "@mosaic/rpc";
import {
  type AgentAddress,
  type CallerScope,
  CallerScopeSchema,
  DaemonPresenceSchema,
  type Receipt,
  type WatchResponse,
} from "@mosaic/wire";
import { addressOf, scopedAgent, scopedSelector, surveyed } from "./scoped-fleet.ts";
import { scopedLog } from "./scoped-log.ts";

export interface ScopedHandlersDeps {
  readonly fleetLog: FleetLog;
  readonly policy: () => Policy;
  /** What is held here of a message; undefined: nothing. */
  readonly receiptOf: (messageId: string) => Receipt | undefined;
}

/** Whose call it is, where it may not see everything. */
interface Scoped {
  readonly caller: Identity;
  readonly scope: Scope;
}

/** Handlers that show each caller its own tenants only: what is outside is answered like what is not there. */
export function scopedHandlers(inner: FleetHandlers, deps: ScopedHandlersDeps): FleetHandlers {
  /** A request for one agent, of a caller who may do that to it: with the complete address of the agent that it means. */
  const forAgent = <R extends { agent?: AgentAddress | undefined }>(method: string, request: R, context: CallContext): R => {
    const scoped = scopedCall(context);
    if (!scoped) return request;
    const agent = scopedAgent(deps.fleetLog, request.agent, scoped.scope);
    assertMay(deps, scoped, method, agent.tenantId);
    return { ...request, agent: addressOf(agent) };
  };
  /** A request about a message: its agent has to be named where it is not known here, so that no other tenant is asked. */
  const forMessage = <R extends { messageId: string; agent?: AgentAddress | undefined }>(
    method: string,
    request: R,
    context: CallContext,
  ): R => {
    const scoped = scopedCall(context);
    if (!scoped) return request;
    const known = deps.receiptOf(request.messageId)?.agent;
    const isOwn = known !== undefined && scoped.scope.tenantIds.includes(known.tenantId);
    const noMessage = () => noSuchThing(method, { messageId: request.messageId } as never);
    const agent = isOwn ? known : request.agent;
    if (!agent) throw noMessage();
    const meant = forAgent(method, { ...request, agent }, context);
    // One of another tenant is answered as one that nobody has heard of: only after what is to be said of the agent.
    if (known && !isOwn) throw noMessage();
    return meant;
  };
  const select = <R extends { selector?: Parameters<typeof scopedSelector>[0] }>(request: R, context: CallContext): R => {
    const scoped = scopedCall(context);
    return scoped ? { ...request, selector: scopedSelector(request.selector, scoped.scope) } : request;
  };
  const administer = (method: string, tenantId: string, context: CallContext) => {
    const scoped = scopedCall(context);
    if (scoped) assertMay(deps, scoped, method, tenantId);
  };
  return {
    info: (context) => inner.info(context),
    async list(request, context) {
      const scoped = scopedCall(context);
      if (!scoped) return await inner.list(request, context);
      const told = toldScope(scoped);
      if (scoped.scope.surveysAll) return { ...survey(await inner.list(request, context), scoped.scope), scope: told };
      const answer = await inner.list(select(request, context), context);
      // They name hosts, of whichever tenant.
      return { ...answer, conditions: [], scope: told };
    },
    watch(request, context) {
      const scoped = scopedCall(context);
      if (scoped?.scope.surveysAll && scoped.scope.tenantIds.length === 0)
        throw new MosaicError("NOT_ALLOWED", "a fleet-observer asks with List: its rows are counted, not followed");
      const frames = inner.watch(select(request, context), context);
      // Those of others are counted by List alone.
      return scoped ? asScoped(frames, { ...toldScope(scoped), countsOthers: false }) : frames;
    },
    heartbeat: (request, context) => inner.heartbeat(request, context),
    async send(request, context) {
      return await inner.send(forAgent("Send", request, context), context);
    },
    tail: (request, context) => inner.tail(forAgent("Tail", request, context), context),
    watchTerminal: (request, context) => inner.watchTerminal(forAgent("WatchTerminal", request, context), context),
    attachTerminal(takeover, context) {
      const { agent } = forAgent("AttachTerminal", { agent: takeover.open.agent }, context);
      return inner.attachTerminal({ ...takeover, open: { ...takeover.open, agent } as typeof takeover.open }, context);
    },
    async reset(request, context) {
      return await inner.reset(forAgent("Reset", request, context), context);
    },
    listMessages: (request, context) => inner.listMessages(select(request, context), context),
    watchReceipts: (request, context) => inner.watchReceipts(select(request, context), context),
    watchEvents: (request, context) => inner.watchEvents(select(request, context), context),
    async presence(request, context) {
      const scoped = scopedCall(context);
      const answer = await inner.presence(select(request, context), context);
      if (!scoped) return answer;
      const daemons = (answer.daemons ?? []).map((one) =>
        presenceWithin(create(DaemonPresenceSchema, one), scoped.scope.tenantIds),
      );
      return { ...answer, daemons };
    },
    async cancelMessage(request, context) {
      return await inner.cancelMessage(forMessage("CancelMessage", request, context), context);
    },
    async retryMessage(request, context) {
      return await inner.retryMessage(forMessage("RetryMessage", request, context), context);
    },
    async decide(request, context) {
      return await inner.decide(forAgent("Decide", request, context), context);
    },
    async addHost(request, context) {
      administer("AddHost", request.tenantId, context);
      return await inner.addHost(request, context);
    },
    async removeHost(request, context) {
      administer("RemoveHost", request.tenantId, context);
      return await inner.removeHost(request, context);
    },
    async drainHost(request, context) {
      administer("DrainHost", request.tenantId, context);
      return await inner.drainHost(request, context);
    },
    readLog(request, context) {
      const scoped = scopedCall(context);
      if (!scoped) return inner.readLog(request, context);
      const meant = scopedLog(request, deps.fleetLog.state.hosts(), scoped.scope.tenantIds);
      if (meant.host !== "") assertMay(deps, scoped, "ReadLog", meant.tenantId);
      return inner.readLog(meant, context);
    },
  };
}

function scopedCall({ caller }: CallContext): Scoped | undefined {
  if (caller?.kind !== "peer" || !caller.scope) return undefined;
  return { caller: caller.identity, scope: caller.scope };
}

/** @throws MosaicError NOT_ALLOWED with what it rests on: the caller sees the tenant, or names one that it need not see */
function assertMay({ policy }: ScopedHandlersDeps, { caller }: Scoped, method: string, tenantId: string): void {
  const decision = decide(policy(), { caller, method, tenantId });
  if (decision.isAllowed) return;
  throw new MosaicError("NOT_ALLOWED", `${method} is not allowed: ${decision.because}`, {
    hint: `see why: mosaic policy explain ${whoIs(caller)} ${decision.verb ?? method} ${tenantId}`,
  });
}

type Answer = Awaited<ReturnType<FleetHandlers["list"]>>;

function survey(answer: Answer, { tenantIds }: Scope): Answer {
  const isOwn = ({ tenantId }: { readonly tenantId: string }) => tenantIds.includes(tenantId);
  const hosts = answer.hosts.map((host) => (isOwn(host) ? host : surveyed(host)));
  return { ...answer, rows: answer.rows.filter(isOwn), hosts, conditions: [] };
}

/** Says with each bookmark whose view it is, and nothing that names hosts of others. */
async function* asScoped(frames: AsyncIterable<WatchResponse>, scope: CallerScope): AsyncGenerator<WatchResponse> {
  for await (const frame of frames) {
    const { case: kind, value } = frame.frame;
    yield kind === "bookmark" ? { ...frame, frame: { case: kind, value: { ...value, conditions: [], scope } } } : frame;
  }
}

function toldScope({ caller, scope }: Scoped): CallerScope {
  return create(CallerScopeSchema, { caller: whoIs(caller), tenantIds: [...scope.tenantIds], countsOthers: scope.surveysAll });
}
