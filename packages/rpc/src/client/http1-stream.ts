import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextValues,
  type Interceptor,
  type StreamRequest,
  type StreamResponse,
  type Transport,
} from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { requestHeader, validateResponse } from "@connectrpc/connect/protocol-connect";
import { mapMessages } from "../map-messages.ts";
import { toHeaders } from "./http1-exchange.ts";
import type { Http1UnaryOptions } from "./http1-unary.ts";
import { ReplyMessages } from "./reply-messages.ts";

/** Makes the calls with one request and many answers of a transport that speaks Connect over HTTP/1.1: the library's own runner keeps
 *  a chain of signals and generators for each, as long as it runs. */
export function http1Stream({ exchange, interceptors, readMaxBytes }: Http1UnaryOptions): Transport["stream"] {
  const open = async (request: StreamRequest): Promise<StreamResponse> => {
    const { service, method, header, signal } = request;
    const body = encodeEnvelope(0, toBinary(method.input, await firstOf(request.message)));
    const reply = await exchange.post(`/${service.typeName}/${method.name}`, header, body, signal);
    const messages = new ReplyMessages(reply, readMaxBytes, (bytes) => fromBinary(method.output, bytes));
    const told = toHeaders(reply.headers);
    try {
      validateResponse(method.methodKind, true, reply.statusCode ?? 0, told);
    } catch (thrown) {
      await messages.return();
      throw thrown;
    }
    return { stream: true, service, method, header: told, trailer: new Headers(), message: messages };
  };
  // Once for all calls: each keeps what is its own in its request.
  const call = [...interceptors].reverse().reduce((next, interceptor) => interceptor(next), open as ReturnType<Interceptor>);
  return async (method, signal, timeoutMs, header, message, contextValues = createContextValues()) => {
    const end = endOf(signal, timeoutMs);
    const url = `http://localhost/${method.parent.typeName}/${method.name}`;
    const headers = requestHeader(method.methodKind, true, timeoutMs, header, false);
    const request = { stream: true, service: method.parent, requestMethod: "POST", url, header: headers, contextValues } as const;
    const told = (thrown: unknown) =>
      end.signal.aborted ? ConnectError.from(end.signal.reason, Code.Canceled) : ConnectError.from(thrown);
    try {
      const messages = normalized(method.input, message);
      const whole = { ...request, method, message: messages, signal: end.signal } as unknown as StreamRequest;
      const response = (await call(whole)) as StreamResponse<typeof method.input, typeof method.output>;
      // Nothing is told any more to who has ended the call, though it is here.
      const onMessage = () => end.signal.throwIfAborted();
      return { ...response, message: mapMessages(response.message, { onMessage, onError: told, onEnd: end.forget }) };
    } catch (thrown) {
      end.forget();
      throw told(thrown);
    }
  };
}

/** When a call is to end before its stream does. */
function endOf(signal: AbortSignal | undefined, timeoutMs: number | undefined): { signal: AbortSignal; forget: () => void } {
  if (timeoutMs === undefined) return { signal: signal ?? never, forget: nothing };
  const end = new AbortController();
  const onAbort = () => end.abort(signal?.reason);
  const timer = setTimeout(
    () => end.abort(new ConnectError("the operation timed out", Code.DeadlineExceeded)),
    Math.max(0, timeoutMs),
  );
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const forget = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
  return { signal: end.signal, forget };
}

const never = new AbortController().signal;
const nothing = () => {};

async function* normalized<I extends DescMessage>(input: I, messages: AsyncIterable<MessageInitShape<I>>) {
  for await (const message of messages) yield create(input, message);
}

async function firstOf<T>(messages: AsyncIterable<T>): Promise<T> {
  for await (const message of messages) return message;
  throw new Error("a call of one request came without it");
}
