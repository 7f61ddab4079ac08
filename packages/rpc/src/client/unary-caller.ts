import { create } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextValues,
  type Interceptor,
  type Transport,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";

export interface UnaryCallerOptions {
  readonly interceptors: readonly Interceptor[];
  /** The headers that a call begins with. */
  readonly headerOf: (timeoutMs: number | undefined, header: ConstructorParameters<typeof Headers>[0]) => Headers;
  /** Asks the server; the request's signal ends the asking. */
  readonly ask: (request: UnaryRequest) => Promise<UnaryResponse>;
}

/** Makes the calls with one answer of a transport. The library's own runner makes a chain of signals for each call and aborts them all
 *  when it went well; that and its streams are half of what such a call costs (docs/adr/0026). */
export function unaryCaller({ interceptors, headerOf, ask }: UnaryCallerOptions): Transport["unary"] {
  // Once for all calls: each keeps what is its own in its request.
  const call = [...interceptors].reverse().reduce((next, interceptor) => interceptor(next), ask as ReturnType<Interceptor>);
  return async (method, signal, timeoutMs, header, message, contextValues = createContextValues()) => {
    const end = new AbortController();
    const onAbort = () => end.abort(signal?.reason);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => end.abort(overTime()), timeoutMs);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    // Read by interceptors only; a name for the server, which is found by its endpoint.
    const url = `http://localhost/${method.parent.typeName}/${method.name}`;
    const about = { stream: false, service: method.parent, requestMethod: "POST", url, contextValues } as const;
    try {
      const given = { header: headerOf(timeoutMs, header), message: create(method.input, message), signal: end.signal };
      const request = { ...about, ...given, method } as unknown as UnaryRequest;
      return (await call(request)) as UnaryResponse<typeof method.input, typeof method.output>;
    } catch (thrown) {
      throw end.signal.aborted ? ConnectError.from(end.signal.reason, Code.Canceled) : ConnectError.from(thrown);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  };
}

function overTime(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}
