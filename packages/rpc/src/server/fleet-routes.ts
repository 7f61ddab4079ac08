import { Code, ConnectError, type ConnectRouter, createContextKey, type HandlerContext } from "@connectrpc/connect";
import { MosaicError, passThroughTracer, type Span } from "@mosaic/core";
import { FleetService } from "@mosaic/wire";
import type { CallContext, FleetHandlers } from "./fleet-handlers.ts";
import { CAPABILITY_HEADER, callerKey } from "./guard.ts";
import { listResponse } from "./list-response.ts";
import type { LiveStreams } from "./live-streams.ts";
import { serveTakeover, type Takeover } from "./takeover.ts";

/** Set by the trace interceptor: the span of the call. */
export const spanKey = createContextKey<Span>(passThroughTracer.startSpan("none"));
/** Set by the listener: how the caller reached us. */
export const carrierKey = createContextKey<CallContext["carrier"]>("memory");
/** Set by the listener: whether requests can still come while the answer goes out. */
export const isDuplexKey = createContextKey(true);

/** Registers FleetService on a router. */
export function fleetRoutes(router: ConnectRouter, handlers: FleetHandlers, streams: LiveStreams): void {
  const counted = <T>(method: string, output: AsyncIterable<T>, { signal }: HandlerContext) =>
    streams.count(method, output, signal, () => throwIfLate(signal));
  router.service(FleetService, {
    info: async (_request, context) => handlers.info(callContext(context)),
    list: async (request, context) => {
      const format = /json/.test(context.requestHeader.get("content-type") ?? "") ? "json" : "binary";
      return listResponse(await handlers.list(request, callContext(context)), format);
    },
    watch: (request, context) => counted("Watch", handlers.watch(request, callContext(context)), context),
    heartbeat: (request, context) => handlers.heartbeat(request, callContext(context)),
    send: (request, context) => handlers.send(request, callContext(context)),
    tail: (request, context) => counted("Tail", handlers.tail(request, callContext(context)), context),
    watchTerminal: (request, context) => counted("WatchTerminal", handlers.watchTerminal(request, callContext(context)), context),
    attachTerminal: (requests, context) => {
      assertDuplex(context);
      const serve = (takeover: Takeover) => handlers.attachTerminal(takeover, callContext(context));
      const output = serveTakeover(requests, context.signal, serve);
      return counted("AttachTerminal", output, context);
    },
    reset: (request, context) => handlers.reset(request, callContext(context)),
    listMessages: (request, context) => handlers.listMessages(request, callContext(context)),
    watchReceipts: (request, context) => counted("WatchReceipts", handlers.watchReceipts(request, callContext(context)), context),
    cancelMessage: (request, context) => handlers.cancelMessage(request, callContext(context)),
    retryMessage: (request, context) => handlers.retryMessage(request, callContext(context)),
    decide: (request, context) => handlers.decide(request, callContext(context)),
    addHost: (request, context) => handlers.addHost(request, callContext(context)),
    removeHost: (request, context) => handlers.removeHost(request, callContext(context)),
    drainHost: (request, context) => handlers.drainHost(request, callContext(context)),
  });
}

function assertDuplex(context: HandlerContext): void {
  if (context.values.get(isDuplexKey)) return;
  throw new MosaicError("NOT_HERE", `${context.method.name} needs HTTP/2: over HTTP/1.1 no key could follow the first answer`, {
    hint: "call it with gRPC, or with Connect over HTTP/2; WatchTerminal shows the screen over HTTP/1.1 too",
  });
}

// A handler ends its stream quietly when its signal aborts; a caller whose deadline did that must not read it as the whole.
function throwIfLate({ reason }: AbortSignal): void {
  if (reason instanceof ConnectError && reason.code === Code.DeadlineExceeded) throw reason;
}

function callContext(context: HandlerContext): CallContext {
  return {
    signal: context.signal,
    span: context.values.get(spanKey),
    carrier: context.values.get(carrierKey),
    caller: context.values.get(callerKey),
    token: context.requestHeader.get(CAPABILITY_HEADER) ?? undefined,
    timeoutMs: () => context.timeoutMs(),
  };
}
