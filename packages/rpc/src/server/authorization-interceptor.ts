import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Interceptor, StreamRequest, StreamResponse } from "@connectrpc/connect";
import { toConnectError } from "../error-mapping.ts";
import { carrierKey } from "./fleet-routes.ts";
import { type Admission, CAPABILITY_HEADER, callerKey, chainKey, type Guard } from "./guard.ts";

/** Asks a guard before each call, tells the handler who calls, and ends a stream that may go on no longer. */
export function authorizationInterceptor(guard: Guard): Interceptor {
  return (next) => async (request) => {
    const { values, opened } = request.stream ? await firstRead(request) : { values: request.message, opened: request };
    const admission = await guard.admit({
      carrier: request.contextValues.get(carrierKey),
      ...{ service: request.service.typeName, method: request.method.name },
      chain: request.contextValues.get(chainKey),
      token: request.header.get(CAPABILITY_HEADER) ?? undefined,
      request: values,
    });
    request.contextValues.set(callerKey, admission.caller);
    const response = await next(opened);
    return response.stream && admission.over ? endedInTime(response, admission.over) : response;
  };
}

/** Reads the one request of a stream of answers, and puts it back. */
async function firstRead(request: StreamRequest): Promise<{ values: Message | undefined; opened: StreamRequest }> {
  if (request.method.methodKind !== "server_streaming") return { values: undefined, opened: request };
  const messages = request.message[Symbol.asyncIterator]();
  const first = await messages.next();
  const again = async function* (): AsyncGenerator<Message> {
    if (first.done) return;
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => messages };
  };
  return { values: first.done ? undefined : first.value, opened: { ...request, message: again() } };
}

type Over = NonNullable<Admission["over"]>;

function endedInTime(response: StreamResponse<DescMessage, DescMessage>, over: Over): typeof response {
  return { ...response, message: untilOver(response.message, over) };
}

async function* untilOver<T>(messages: AsyncIterable<T>, over: Over): AsyncGenerator<T> {
  const stop = new AbortController();
  const source = messages[Symbol.asyncIterator]();
  let end: Error | undefined;
  let wake = () => {};
  void over(stop.signal).then((reason) => {
    end = reason && toConnectError(reason);
    wake();
  });
  try {
    while (!end) {
      // A waiter for each message: a race against one promise for all of them would keep something of each to the end.
      const next = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined);
        source.next().then(resolve, reject);
      });
      if (next?.done) return;
      if (next && !end) yield next.value;
    }
    throw end;
  } finally {
    stop.abort();
    // It may be waiting for something to tell, and then ends with its call.
    void source.return?.()?.catch(() => {});
  }
}
