import type { Interceptor, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import type { Span, Tracer } from "@mosaic/core";
import { fromConnectError } from "./error-mapping.ts";
import { mapMessages } from "./map-messages.ts";
import { spanKey } from "./server/fleet-routes.ts";

/** One server span per call, under the caller's `traceparent`; handlers find it in their context. */
export function serverTraceInterceptor(tracer: Tracer): Interceptor {
  return (next) => (request) => {
    const parent = request.header.get("traceparent") ?? undefined;
    const span = startRpcSpan(tracer, "server", request, parent);
    request.contextValues.set(spanKey, span);
    // A stream's handler may outlive its caller for a moment; the span ends when the caller is gone.
    request.signal.addEventListener("abort", () => span.end(request.signal.reason), { once: true });
    return inSpan(span, request.method.name, () => next(request));
  };
}

/** One client span per call, under `parentOf` the call's context; its `traceparent` goes out with the request. */
export function clientTraceInterceptor(tracer: Tracer, parentOf: () => string | undefined): Interceptor {
  return (next) => (request) => {
    const span = startRpcSpan(tracer, "client", request, request.header.get("traceparent") ?? parentOf());
    if (span.traceparent) request.header.set("traceparent", span.traceparent);
    return inSpan(span, request.method.name, () => next(request));
  };
}

type AnyRequest = UnaryRequest | StreamRequest;
type AnyResponse = Awaited<ReturnType<ReturnType<Interceptor>>>;

function startRpcSpan(tracer: Tracer, kind: "client" | "server", request: AnyRequest, parent: string | undefined): Span {
  const service = request.service.typeName;
  return tracer.startSpan(`${service}/${request.method.name}`, {
    kind,
    parent,
    attributes: { "rpc.system": "grpc", "rpc.service": service, "rpc.method": request.method.name },
  });
}

async function inSpan(span: Span, method: string, call: () => Promise<AnyResponse>): Promise<AnyResponse> {
  try {
    const response = await call();
    if (!response.stream) {
      span.end();
      return response;
    }
    let count = 0;
    const onEnd = (thrown: unknown) => {
      span.setAttribute("rpc.message_count", count);
      span.end(thrown);
    };
    const onMessage = () => {
      count += 1;
    };
    return { ...response, message: mapMessages(response.message, { onMessage, onEnd }) };
  } catch (thrown) {
    span.end(fromConnectError(thrown, method));
    throw thrown;
  }
}
