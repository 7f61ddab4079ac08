import { type DescMethod, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  createContextValues,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import { encodeEnvelope, runStreamingCall, runUnaryCall } from "@connectrpc/connect/protocol";
import {
  endStreamFlag,
  endStreamFromJson,
  errorFromJsonBytes,
  requestHeader,
  validateResponse,
} from "@connectrpc/connect/protocol-connect";
import { FleetService } from "@mosaic/wire";
import type { HttpExchange, HttpReply } from "./http1-exchange.ts";
import { readEnvelopes } from "./read-envelopes.ts";

/** What a transport of the Connect protocol over HTTP/1.1 is made of. */
export interface Http1TransportOptions {
  readonly exchange: HttpExchange;
  readonly interceptors: Interceptor[];
  /** Largest message that is read, in bytes. */
  readonly readMaxBytes: number;
  /** Carries every other call. */
  readonly others: () => Transport;
}

/** The calls that are made of every host of a fleet, and all of them only read. Others may rely on one overtaking none that was made
 *  before it, which a connection for each can't promise. */
const CARRIED = new Set<DescMethod>([FleetService.method.info, FleetService.method.list, FleetService.method.watch]);

/** Makes a transport that speaks Connect with binary messages over HTTP/1.1, for the reads of a fleet. It does what the library's
 *  own does, less what makes that one dear where there are a thousand (docs/adr/0021). */
export function http1Transport(options: Http1TransportOptions): Transport {
  const { exchange, interceptors, readMaxBytes, others } = options;
  return {
    unary(method, signal, timeoutMs, header, message, contextValues) {
      if (!CARRIED.has(method)) return others().unary(method, signal, timeoutMs, header, message, contextValues);
      const req = { ...requestOf(method, timeoutMs, header, contextValues), stream: false, method, message } as const;
      return runUnaryCall({
        ...{ req, interceptors, ...limits(signal, timeoutMs) },
        async next(call) {
          const reply = await exchange.post(pathOf(method), call.header, toBinary(method.input, call.message), call.signal);
          const bytes = await wholeBody(reply, readMaxBytes);
          const { isUnaryError, unaryError } = validateResponse("unary", true, reply.status, reply.header);
          if (isUnaryError) throw errorFromJsonBytes(bytes, reply.header, unaryError);
          const told = { header: reply.header, trailer: new Headers(), message: fromBinary(method.output, bytes) };
          return { ...told, stream: false, service: method.parent, method };
        },
      });
    },
    stream(method, signal, timeoutMs, header, message, contextValues) {
      if (!CARRIED.has(method)) return others().stream(method, signal, timeoutMs, header, message, contextValues);
      const req = { ...requestOf(method, timeoutMs, header, contextValues), stream: true, method, message } as const;
      return runStreamingCall({
        ...{ req, interceptors, ...limits(signal, timeoutMs) },
        async next(call) {
          const body = encodeEnvelope(0, toBinary(method.input, await firstOf(call.message)));
          const reply = await exchange.post(pathOf(method), call.header, body, call.signal);
          validateResponse(method.methodKind, true, reply.status, reply.header);
          const messages = readMessages(reply, readMaxBytes, (bytes) => fromBinary(method.output, bytes));
          const told = { header: reply.header, trailer: new Headers(), message: messages };
          return { ...told, stream: true, service: method.parent, method };
        },
      });
    },
  };
}

function requestOf(
  method: DescMethod,
  timeoutMs: number | undefined,
  header: ConstructorParameters<typeof Headers>[0],
  contextValues: ContextValues = createContextValues(),
) {
  const headers = requestHeader(method.methodKind, true, timeoutMs, header, false);
  // Read by interceptors only; a name for the server, which is found by its endpoint.
  const url = `http://localhost${pathOf(method)}`;
  return { service: method.parent, requestMethod: "POST", url, header: headers, contextValues };
}

function limits(signal: AbortSignal | undefined, timeoutMs: number | undefined) {
  return { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

async function firstOf<T>(messages: AsyncIterable<T>): Promise<T> {
  for await (const message of messages) return message;
  throw new Error("a call of one request came without it");
}

async function wholeBody({ body }: HttpReply, maxBytes: number): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > maxBytes)
      throw new ConnectError(`the answer has more than the ${maxBytes} bytes that are read`, Code.ResourceExhausted);
    pieces.push(piece);
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, bytes);
}

// The last envelope says how the stream ended; without it, its connection broke.
async function* readMessages<T>({ body }: HttpReply, maxBytes: number, parse: (bytes: Uint8Array) => T): AsyncGenerator<T> {
  for await (const { flags, data } of readEnvelopes(body, maxBytes)) {
    if ((flags & endStreamFlag) === 0) yield parse(data);
    else {
      const { error } = endStreamFromJson(data);
      if (error) throw error;
      return;
    }
  }
  throw new ConnectError("the stream ended without a word", Code.Aborted);
}
