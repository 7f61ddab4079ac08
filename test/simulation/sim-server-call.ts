import { create, type DescMessage, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { passThroughTracer } from "@mosaic/core";
import type { CallContext, FleetHandlers, ListAnswer } from "@mosaic/rpc";
import { toConnectError } from "../../packages/rpc/src/error-mapping.ts";
import { listResponse } from "../../packages/rpc/src/server/list-response.ts";
import type { Method } from "./carrier.ts";
import type { Served, SimLife } from "./sim-process.ts";
import type { SimWire } from "./sim-wire.ts";

export interface Serving {
  readonly life: SimLife;
  readonly wire: SimWire;
  /** The caller's deadline in ms from now. */
  readonly timeoutMs: number | undefined;
}

/** Serves a call with one answer. @returns what ends it when its caller goes away */
export function serveUnary(
  serving: Serving,
  method: Method,
  request: Message,
  answer: { readonly resolve: (response: unknown) => void; readonly reject: (error: ConnectError) => void },
): () => void {
  const call = new ServerCall(serving);
  const { handlers } = serving.life.served as Served;
  void handle(handlers, method, request, call.context)
    .then(answer.resolve, (thrown: unknown) => answer.reject(toConnectError(thrown)))
    .finally(() => call.end());
  return call.abort;
}

/** Serves a stream: makes a frame when there is room for it and not before. */
export function serveStream(
  serving: Serving,
  method: Method,
  request: Message,
  windowFrames: number,
  sink: { readonly frame: (frame: unknown) => void; readonly end: (error: ConnectError | undefined) => void },
): { readonly credit: (frames: number) => void; readonly abort: () => void } {
  const call = new ServerCall(serving);
  const { handlers, streams } = serving.life.served as Served;
  const serve = handlers[method.localName as "watch"] as (request: Message, context: CallContext) => AsyncIterable<unknown>;
  const output = streams.count(method.name, serve.call(handlers, request, call.context));
  let room = windowFrames;
  let onRoom = () => {};
  call.signal.addEventListener("abort", () => onRoom(), { once: true });
  const pump = async () => {
    for (;;) {
      if (room === 0 && !call.signal.aborted)
        await new Promise<void>((resolve) => {
          onRoom = resolve;
        });
      if (call.signal.aborted) return;
      const { value, done } = await output.next();
      if (done || call.signal.aborted) return;
      room -= 1;
      sink.frame(value);
    }
  };
  void pump()
    .then(
      () => sink.end(undefined),
      (thrown: unknown) => sink.end(toConnectError(thrown)),
    )
    // A handler that was parked is ended as the carrier ends it.
    .finally(() => Promise.resolve(output.return?.()).finally(() => call.end()));
  const credit = (frames: number) => {
    room += frames;
    onRoom();
  };
  return { credit, abort: call.abort };
}

/** A call as its server sees it. */
class ServerCall {
  readonly context: CallContext;
  readonly abort: () => void;
  readonly signal: AbortSignal;
  readonly #life: SimLife;
  readonly #breaking: Disposable;
  readonly #done = new AbortController();

  constructor({ life, wire, timeoutMs }: Serving) {
    const stop = new AbortController();
    const endsAtMs = life.clock.monotonicMs() + (timeoutMs ?? 0);
    this.#life = life;
    this.signal = stop.signal;
    this.abort = () => stop.abort("gone");
    this.context = {
      signal: stop.signal,
      span: passThroughTracer.startSpan("call"),
      carrier: "tcp",
      timeoutMs: () => (timeoutMs === undefined ? undefined : endsAtMs - life.clock.monotonicMs()),
    };
    this.#breaking = wire.onBreakAtServer(this.abort);
    life.openHandlers += 1;
    if (timeoutMs !== undefined)
      void life.clock.sleep(timeoutMs, this.#done.signal).then(() => {
        if (!this.#done.signal.aborted) stop.abort(new ConnectError("the operation timed out", Code.DeadlineExceeded));
      });
  }

  end(): void {
    this.#done.abort("done");
    this.#breaking[Symbol.dispose]();
    this.#life.openHandlers -= 1;
  }
}

async function handle(handlers: FleetHandlers, method: Method, request: Message, context: CallContext): Promise<unknown> {
  const name = method.localName as "info" | "list" | "send";
  if (name === "info") return create(method.output, handlers.info(context) as MessageInitShape<DescMessage>);
  const serve = handlers[name] as (request: Message, context: CallContext) => Promise<unknown>;
  const answer = await serve.call(handlers, request, context);
  if (name === "list") return listResponse(answer as ListAnswer, "json");
  return create(method.output, answer as MessageInitShape<DescMessage>);
}
