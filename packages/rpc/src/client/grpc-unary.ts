import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor, type Transport } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { findTrailerError, requestHeader, validateResponse } from "@connectrpc/connect/protocol-grpc";
import type { Http2SessionManager } from "@connectrpc/connect-node";
import { lossOf } from "./http1-exchange.ts";
import { unaryCaller } from "./unary-caller.ts";

export interface GrpcUnaryOptions {
  readonly sessions: Http2SessionManager;
  readonly interceptors: readonly Interceptor[];
  /** Largest answer that is read, in bytes. */
  readonly readMaxBytes: number;
}

/** Makes the calls with one answer of a transport that speaks gRPC, over the library's connections and without its streams. */
export function grpcUnary({ sessions, interceptors, readMaxBytes }: GrpcUnaryOptions): Transport["unary"] {
  return unaryCaller({
    interceptors,
    headerOf: (timeoutMs, header) => requestHeader(true, timeoutMs, header),
    async ask({ service, method, message, header, signal }) {
      const body = encodeEnvelope(0, toBinary(method.input, message));
      const path = `/${service.typeName}/${method.name}`;
      const answer = await answerUnlessRefused(() => openStream(sessions, path, header, signal), sessions, {
        body,
        signal,
        maxBytes: readMaxBytes,
      });
      const told = { stream: false, service, method, message: fromBinary(method.output, messageIn(answer)) } as const;
      // Hardly anybody reads them, and each costs as much as the message.
      return {
        ...told,
        get header() {
          return toHeaders(answer.head);
        },
        get trailer() {
          return toHeaders(answer.trailers);
        },
      };
    },
  });
}

interface Answer {
  readonly head: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Asking {
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
}

// A stream that is refused was not begun, as HTTP/2 has it: the server says goodbye to a connection while a call is on its way there. That
// call goes on a new connection, once, and nobody needs to know.
async function answerUnlessRefused(
  open: () => Promise<ClientHttp2Stream>,
  sessions: Http2SessionManager,
  asking: Asking,
): Promise<Answer> {
  const stream = await open();
  try {
    return await answerOf(stream, sessions, asking);
  } catch (thrown) {
    if (stream.rstCode !== constants.NGHTTP2_REFUSED_STREAM || asking.signal.aborted) throw thrown;
    return await answerOf(await open(), sessions, asking);
  }
}

// To connect may take longer than the call has time.
function openStream(
  sessions: Http2SessionManager,
  path: string,
  header: Headers,
  signal: AbortSignal,
): Promise<ClientHttp2Stream> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(lossOf(signal.reason));
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    const opened = (stream: ClientHttp2Stream) => {
      signal.removeEventListener("abort", stop);
      // Whoever asked has left, and nobody hears how it ends.
      if (signal.aborted) stream.on("error", () => {}).close(constants.NGHTTP2_CANCEL);
      resolve(stream);
    };
    const failed = (thrown: unknown) => {
      signal.removeEventListener("abort", stop);
      reject(thrown instanceof ConnectError ? thrown : lossOf(thrown));
    };
    sessions.request("POST", path, Object.fromEntries(header), {}).then(opened, failed);
  });
}

function answerOf(stream: ClientHttp2Stream, sessions: Http2SessionManager, asking: Asking): Promise<Answer> {
  const { body, signal, maxBytes } = asking;
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    let failure: unknown;
    const stop = () => stream.close(constants.NGHTTP2_CANCEL);
    signal.addEventListener("abort", stop, { once: true });
    stream.on("response", (told) => {
      head = told;
    });
    stream.on("trailers", (told) => {
      trailers = told;
    });
    stream.on("data", (piece: Buffer) => {
      sessions.notifyResponseByteRead(stream);
      bytes += piece.length;
      if (bytes <= maxBytes) return void pieces.push(piece);
      failure = new ConnectError(`the answer has more than the ${maxBytes} bytes that are read`, Code.ResourceExhausted);
      stop();
    });
    stream.on("error", (error) => {
      failure ??= error;
    });
    const isTold = () => "grpc-status" in trailers || "grpc-status" in head;
    const settle = () => {
      signal.removeEventListener("abort", stop);
      if (failure instanceof ConnectError) reject(failure);
      else if (isTold() || (failure === undefined && stream.rstCode === constants.NGHTTP2_NO_ERROR && ":status" in head))
        resolve({ head, trailers, body: pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, bytes) });
      else reject(lossOf(failure ?? new Error(`the stream was ended with code ${stream.rstCode}`)));
    };
    // Its trailers are told before its end. The last thing that a stream says, however it went, comes some turns later.
    stream.on("end", () => isTold() && settle());
    stream.on("close", settle);
    if (signal.aborted) stop();
    else stream.end(body);
  });
}

const HEAD_BYTES = 5;

/** @throws ConnectError what the server says instead of a message */
function messageIn({ head, trailers, body }: Answer): Uint8Array {
  if (Number(head[":status"]) !== 200 || trailers["grpc-status"] !== "0" || !GRPC.test(head["content-type"] ?? ""))
    assertAnswered(head, trailers);
  if (body.length < HEAD_BYTES)
    throw new ConnectError("protocol error: missing output message for unary method", Code.Unimplemented);
  if (body[0] !== 0 || body.readUInt32BE(1) !== body.length - HEAD_BYTES)
    throw new ConnectError("protocol error: the answer holds something else than one message", Code.Unimplemented);
  return body.subarray(HEAD_BYTES);
}

const GRPC = /^application\/grpc(\+proto)?$/;

function assertAnswered(head: IncomingHttpHeaders, trailers: IncomingHttpHeaders): void {
  const header = toHeaders(head);
  const { foundStatus, headerError } = validateResponse(Number(head[":status"]), header);
  if (headerError) throw headerError;
  const trailer = toHeaders(trailers);
  const error = findTrailerError(trailer);
  if (error) {
    header.forEach((value, name) => void error.metadata.append(name, value));
    throw error;
  }
  if (!foundStatus && !trailer.has("grpc-status")) throw new ConnectError("protocol error: missing status", Code.Internal);
}

function toHeaders(headers: IncomingHttpHeaders): Headers {
  const fields = Object.entries(headers).filter(([name]) => !name.startsWith(":"));
  return new Headers(fields.map(([name, value]) => [name, String(value)]));
}
