import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { encodeEnvelope, mergeNonProtocolHeaders } from "@connectrpc/connect/protocol";
import { codeToHttpStatus, errorToJsonBytes, parseTimeout as parseConnectTimeout } from "@connectrpc/connect/protocol-connect";
import { parseTimeout as parseGrpcTimeout, setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import type { NodeRequest, NodeResponse } from "./node-call.ts";

/** How a call with one request and one answer is carried. */
export interface UnaryProtocol {
  readonly name: string;
  /** The time that the caller gives, in ms; undefined: any. @throws ConnectError for what is no time */
  timeoutMs(request: NodeRequest): number | undefined;
  /** The message in a body. @throws ConnectError for a body that holds something else than one */
  open(body: Uint8Array): Uint8Array;
  /** @param pieces the message's bytes, one after the other */
  reply(response: NodeResponse, pieces: readonly Uint8Array[]): void;
  refuse(response: NodeResponse, error: ConnectError): void;
}

/** The protocol that a request speaks; undefined: none that is told apart here. */
export function unaryProtocolOf(request: NodeRequest): UnaryProtocol | undefined {
  const { headers, method } = request;
  if (method !== "POST") return undefined;
  if ("stream" in request && GRPC.test(headers["content-type"] ?? ""))
    return isPlain(headers["grpc-encoding"]) ? grpc : undefined;
  return headers["content-type"] === CONNECT && isPlain(headers["content-encoding"]) ? connect : undefined;
}

const GRPC = /^application\/grpc(\+proto)?$/;
const CONNECT = "application/proto";
const MAX_TIMEOUT_MS = Number.MAX_SAFE_INTEGER;
const HEAD_BYTES = 5;

const connect: UnaryProtocol = {
  name: "connect",
  timeoutMs: ({ headers }) => timeOf(parseConnectTimeout(textOf(headers["connect-timeout-ms"]), MAX_TIMEOUT_MS)),
  open: (body) => body,
  reply: (response, pieces) => end(response, 200, { "content-type": CONNECT }, pieces),
  refuse(response, error) {
    const header = new Headers({ "content-type": "application/json" });
    mergeNonProtocolHeaders(header, error.metadata);
    end(response, codeToHttpStatus(error.code), Object.fromEntries(header), [errorToJsonBytes(error, undefined)]);
  },
};

const grpc: UnaryProtocol = {
  name: "grpc",
  timeoutMs: ({ headers }) => timeOf(parseGrpcTimeout(textOf(headers["grpc-timeout"]), MAX_TIMEOUT_MS)),
  open(body) {
    if (body.length < HEAD_BYTES)
      throw new ConnectError("protocol error: missing input message for unary method", Code.Unimplemented);
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    if (body[0] !== 0) throw new ConnectError("received compressed envelope, but do not know how to decompress", Code.Internal);
    const left = body.length - HEAD_BYTES - view.getUint32(1);
    if (left > 0) throw new ConnectError("protocol error: received extra input message for unary method", Code.Unimplemented);
    if (left < 0) throw new ConnectError("protocol error: incomplete envelope", Code.InvalidArgument);
    return body.subarray(HEAD_BYTES);
  },
  reply(response, pieces) {
    const grpcResponse = response as Http2ServerResponse;
    grpcResponse.writeHead(200, GRPC_HEAD);
    grpcResponse.addTrailers(OK_TRAILERS);
    const [first] = pieces;
    if (first && pieces.length === 1) grpcResponse.end(encodeEnvelope(0, first));
    else endWith(response, [envelopeHead(bytesOf(pieces)), ...pieces]);
  },
  refuse(response, error) {
    const grpcResponse = response as Http2ServerResponse;
    grpcResponse.writeHead(200, GRPC_HEAD);
    grpcResponse.addTrailers(Object.fromEntries(setTrailerStatus(new Headers(), error)));
    grpcResponse.end();
  },
};

const GRPC_HEAD: OutgoingHttpHeaders = { "content-type": "application/grpc+proto" };
const OK_TRAILERS: OutgoingHttpHeaders = { "grpc-status": "0" };

function end(response: NodeResponse, status: number, headers: OutgoingHttpHeaders, pieces: readonly Uint8Array[]): void {
  // The two response classes differ in type only.
  const reply = response as ServerResponse;
  reply.writeHead(status, { ...headers, "content-length": bytesOf(pieces) });
  endWith(response, pieces);
}

function endWith(response: NodeResponse, pieces: readonly Uint8Array[]): void {
  const reply = response as ServerResponse;
  reply.cork();
  for (const piece of pieces.slice(0, -1)) reply.write(piece);
  reply.end(pieces.at(-1));
  reply.uncork();
}

function envelopeHead(messageBytes: number): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  new DataView(head.buffer).setUint32(1, messageBytes);
  return head;
}

function bytesOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function timeOf({ timeoutMs, error }: ReturnType<typeof parseConnectTimeout>): number | undefined {
  if (error) throw error;
  return timeoutMs;
}

function textOf(value: IncomingHttpHeaders[string]): string | null {
  return typeof value === "string" ? value : null;
}

function isPlain(encoding: IncomingHttpHeaders[string]): boolean {
  return encoding === undefined || encoding === "identity";
}
