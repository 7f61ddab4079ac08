import { Code, ConnectError, type ConnectRouter, createContextKey, type HandlerContext } from "@connectrpc/connect";
import { MosaicError, passThroughTracer, type Span } from "@mosaic/core";
import { type AgentAddress, FleetService } from "@mosaic/wire";
import { CLIENT_HEADER, callerName } from "../presence/caller-name.ts";
import type { AtTerminal } from "../presence/caller-roll.ts";
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
  const nameOf = (context: HandlerContext, call: CallContext) =>
    callerName(call, context.requestHeader.get(CLIENT_HEADER), context.method.name);
  const callContext = (context: HandlerContext): CallContext => {
    const call = toCallContext(context);
    streams.callers.note(nameOf(context, call), context.method.name);
    return call;
  };
  const counted = <T>(method: string, output: AsyncIterable<T>, context: HandlerContext, at?: AtTerminal) => {
    const { signal } = context;
    const enter = () => streams.callers.open(nameOf(context, toCallContext(context)), method, at);
    return streams.count(method, output, signal, () => throwIfLate(signal), enter);
  };
  // Which terminal it is, the first message says.
  const attached = <T>({ open }: Takeover, context: HandlerContext, output: AsyncIterable<T>) => {
    const at = terminalOf(open.agent, "attached", open.sourceLabel);
    const name = nameOf(context, toCallContext(context));
    return whileOpen(output, () => streams.callers.enter(name, at));
  };
  router.service(FleetService, {
    info: async (_request, context) => handlers.info(callContext(context)),
    list: async (request, context) => {
      const format = /json/.test(context.requestHeader.get("content-type") ?? "") ? "json" : "binary";
      return listResponse(await handlers.list(request, callContext(context)), format);
    },
    watch: (request, context) => counted("Watch", handlers.watch(request, callContext(context)), context),
    heartbeat: (request, context) => handlers.heartbeat(request, callContext(context)),
    send: (request, context) => handlers.send(request, callContext(context)),
    tail: (request, context) => {
      const at = request.follow ? terminalOf(request.agent, "following") : undefined;
      return counted("Tail", handlers.tail(request, callContext(context)), context, at);
    },
    watchTerminal: (request, context) => {
      const at = terminalOf(request.agent, "watching");
      return counted("WatchTerminal", handlers.watchTerminal(request, callContext(context)), context, at);
    },
    attachTerminal: (requests, context) => {
      assertDuplex(context);
      const serve = (takeover: Takeover) => attached(takeover, context, handlers.attachTerminal(takeover, callContext(context)));
      const output = serveTakeover(requests, context.signal, serve);
      return counted("AttachTerminal", output, context);
    },
    reset: (request, context) => handlers.reset(request, callContext(context)),
    listMessages: (request, context) => handlers.listMessages(request, callContext(context)),
    watchEvents: (request, context) => counted("WatchEvents", handlers.watchEvents(request, callContext(context)), context),
    presence: (request, context) => handlers.presence(request, callContext(context)),
    watchReceipts: (request, context) => counted("WatchReceipts", handlers.watchReceipts(request, callContext(context)), context),
    cancelMessage: (request, context) => handlers.cancelMessage(request, callContext(context)),
    retryMessage: (request, context) => handlers.retryMessage(request, callContext(context)),
    decide: (request, context) => handlers.decide(request, callContext(context)),
    addHost: (request, context) => handlers.addHost(request, callContext(context)),
    removeHost: (request, context) => handlers.removeHost(request, callContext(context)),
    drainHost: (request, context) => handlers.drainHost(request, callContext(context)),
    readLog: (request, context) => counted("ReadLog", handlers.readLog(request, callContext(context)), context),
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

async function* whileOpen<T>(output: AsyncIterable<T>, enter: () => Disposable): AsyncGenerator<T> {
  using _there = enter();
  yield* output;
}

function terminalOf(agent: AgentAddress | undefined, mode: AtTerminal["mode"], label = ""): AtTerminal {
  const { tenantId = "", host = "", name = "" } = agent ?? {};
  return { agent: { tenantId, host, name }, mode, label };
}

function toCallContext(context: HandlerContext): CallContext {
  return {
    signal: context.signal,
    span: context.values.get(spanKey),
    carrier: context.values.get(carrierKey),
    caller: context.values.get(callerKey),
    token: context.requestHeader.get(CAPABILITY_HEADER) ?? undefined,
    timeoutMs: () => context.timeoutMs(),
  };
}
