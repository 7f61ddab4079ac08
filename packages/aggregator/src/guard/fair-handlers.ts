import { MosaicError } from "@mosaic/core";
import type { CallContext, FleetHandlers } from "@mosaic/rpc";
import type { TenantTurns } from "./tenant-turns.ts";

/** Streams of one tenant at the same time: what 100 people have open who follow the fleet and some agents each. */
const MAX_STREAMS = 500;

/** Handlers that begin one call after the other, tenants in turn, and serve a limited number of streams to each. Whose a call is, its
 *  certificate says; what this host's own tenant and other aggregators ask begins at once, and has no limit of its own. */
export function fairHandlers(inner: FleetHandlers, turns: TenantTurns, maxStreams = MAX_STREAMS): FleetHandlers {
  const streams = new Map<string, number>();
  const turn = async (context: CallContext): Promise<void> => {
    const tenantId = tenantOf(context);
    if (tenantId !== undefined) await turns.next(tenantId, context.signal);
  };
  const takeStream = (context: CallContext): Disposable | undefined => {
    const tenantId = tenantOf(context);
    if (tenantId === undefined) return undefined;
    const count = streams.get(tenantId) ?? 0;
    if (count >= maxStreams)
      throw new MosaicError("BUSY", `callers of tenant "${tenantId}" have ${count} streams open here`, {
        hint: "close some: each watch, tail and ps --watch is one",
      });
    streams.set(tenantId, count + 1);
    return {
      [Symbol.dispose]() {
        const left = (streams.get(tenantId) ?? 1) - 1;
        if (left > 0) streams.set(tenantId, left);
        else streams.delete(tenantId);
      },
    };
  };
  const unary =
    <Req, Res>(handle: (request: Req, context: CallContext) => Promise<Res>) =>
    async (request: Req, context: CallContext): Promise<Res> => {
      await turn(context);
      return await handle(request, context);
    };
  const streaming = <Req, Res>(handle: (request: Req, context: CallContext) => AsyncIterable<Res>) =>
    async function* (request: Req, context: CallContext): AsyncGenerator<Res> {
      using _place = takeStream(context);
      await turn(context);
      yield* handle(request, context);
    };
  return {
    info: (context) => inner.info(context),
    heartbeat: (request, context) => inner.heartbeat(request, context),
    list: unary((request, context) => inner.list(request, context)),
    send: unary((request, context) => inner.send(request, context)),
    reset: unary((request, context) => inner.reset(request, context)),
    listMessages: unary((request, context) => inner.listMessages(request, context)),
    cancelMessage: unary((request, context) => inner.cancelMessage(request, context)),
    retryMessage: unary((request, context) => inner.retryMessage(request, context)),
    decide: unary((request, context) => inner.decide(request, context)),
    addHost: unary((request, context) => inner.addHost(request, context)),
    removeHost: unary((request, context) => inner.removeHost(request, context)),
    drainHost: unary((request, context) => inner.drainHost(request, context)),
    watch: streaming((request, context) => inner.watch(request, context)),
    tail: streaming((request, context) => inner.tail(request, context)),
    watchTerminal: streaming((request, context) => inner.watchTerminal(request, context)),
    watchEvents: streaming((request, context) => inner.watchEvents(request, context)),
    presence: unary((request, context) => inner.presence(request, context)),
    watchReceipts: streaming((request, context) => inner.watchReceipts(request, context)),
    readLog: streaming((request, context) => inner.readLog(request, context)),
    attachTerminal: streaming((takeover, context) => inner.attachTerminal(takeover, context)),
  };
}

function tenantOf({ caller }: CallContext): string | undefined {
  const identity = caller?.kind === "peer" ? caller.identity : undefined;
  return identity !== undefined && "tenantId" in identity ? identity.tenantId : undefined;
}
