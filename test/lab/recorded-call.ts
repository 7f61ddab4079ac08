/** Calls as a client of another make would, over a TLS connection of their own each: every decrypted byte that comes in is kept. */
import { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import { type DescMethod, type Message, toJson, toJsonString } from "@bufbuild/protobuf";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { aborted } from "@mosaic/core";

/** Who calls, in PEM. */
export interface CallerFiles {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

export interface CallPlace {
  readonly host: string;
  readonly port: number;
}

/** What came of a call. */
export interface RecordedCall {
  /** What was said, without what differs from call to call: an HTTP status or gRPC code, and all messages. */
  readonly told: string;
  /** Every byte after decryption; and once more what HTTP/2 packs: headers, trailers and what errors carry. */
  readonly received: string;
}

/** A stream that says nothing for so long has said all, in ms. */
const QUIET_MS = 1500;
const LIMIT_MS = 8000;

/** Calls with JSON over HTTP/1.1, where nothing is packed. */
export async function callOverHttp1(
  caller: CallerFiles,
  place: CallPlace,
  method: DescMethod,
  request: Message,
): Promise<RecordedCall> {
  const isStream = method.methodKind !== "unary";
  const json = Buffer.from(toJsonString(method.input, request));
  const body = isStream ? Buffer.concat([envelopeHead(json.length), json]) : json;
  const head = [
    `POST /${method.parent.typeName}/${method.name} HTTP/1.1`,
    ...["host: localhost", "connection: close", `content-length: ${body.length}`, "connect-protocol-version: 1"],
    `content-type: application/${isStream ? "connect+json" : "json"}`,
  ];
  const socket = open(caller, place, "http/1.1");
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  socket.write(body);
  const bytes = await readAll(socket);
  const { status, content } = parseReply(bytes);
  const messages = isStream ? envelopesIn(content) : [content.toString("utf8")];
  return { told: `${status} ${summary(messages)}`, received: bytes.toString("latin1") };
}

/** Calls with gRPC over HTTP/2, as our own programs do. */
export async function callOverGrpc(
  caller: CallerFiles,
  place: CallPlace,
  method: DescMethod,
  request: Message,
): Promise<RecordedCall> {
  const pieces: Buffer[] = [];
  const socket = open(caller, place, "h2");
  const transport = createGrpcTransport({
    baseUrl: "http://localhost",
    nodeOptions: { createConnection: () => recorded(socket, pieces) },
  });
  const client = createClient(method.parent, transport) as unknown as Record<
    string,
    (request: unknown, options: object) => unknown
  >;
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), LIMIT_MS);
  const messages: string[] = [];
  let end = "ok";
  let packed = "";
  try {
    const input =
      method.methodKind === "unary" || method.methodKind === "server_streaming" ? request : once(request, stop.signal);
    const answer = client[method.localName]?.(input, { signal: stop.signal });
    if (method.methodKind === "unary") messages.push(JSON.stringify(toJson(method.output, (await answer) as Message)));
    else
      for await (const each of inTime(answer as AsyncIterable<Message>, stop))
        messages.push(JSON.stringify(toJson(method.output, each)));
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    packed = JSON.stringify([error.rawMessage, [...error.metadata], error.details]);
    // That we stopped listening says nothing.
    if (!stop.signal.aborted) end = `${error.code} ${error.rawMessage}`;
  } finally {
    clearTimeout(limit);
    socket.destroy();
  }
  return { told: `${end} ${summary(messages)}`, received: Buffer.concat(pieces).toString("latin1") + packed };
}

function open({ key, cert, ca }: CallerFiles, { host, port }: CallPlace, protocol: string): TLSSocket {
  const identity = { key, cert, ca, checkServerIdentity: () => undefined };
  const socket = connect({ ...identity, host, port, minVersion: "TLSv1.3", ALPNProtocols: [protocol] });
  return socket.on("error", () => {});
}

async function readAll(socket: TLSSocket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  await new Promise<void>((resolve) => {
    const limit = setTimeout(() => socket.destroy(), LIMIT_MS);
    socket.on("data", (piece: Buffer) => {
      pieces.push(piece);
      socket.setTimeout(QUIET_MS, () => socket.destroy());
    });
    socket.once("close", () => {
      clearTimeout(limit);
      resolve();
    });
  });
  return Buffer.concat(pieces);
}

function recorded(socket: TLSSocket, pieces: Buffer[]): Duplex {
  const duplex = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (piece: Buffer) => {
    pieces.push(piece);
    if (!duplex.push(piece)) socket.pause();
  });
  socket.once("close", () => duplex.destroy());
  return duplex;
}

async function* once(request: Message, signal: AbortSignal): AsyncGenerator<Message> {
  yield request;
  await aborted(signal);
}

async function* inTime<T>(messages: AsyncIterable<T>, stop: AbortController): AsyncGenerator<T> {
  let quiet = setTimeout(() => stop.abort(), LIMIT_MS / 2);
  for await (const message of messages) {
    clearTimeout(quiet);
    quiet = setTimeout(() => stop.abort(), QUIET_MS);
    yield message;
  }
  clearTimeout(quiet);
}

function envelopeHead(length: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return head;
}

function parseReply(bytes: Buffer): { status: number; content: Buffer } {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return { status: 0, content: Buffer.alloc(0) };
  const head = bytes.subarray(0, end).toString("latin1");
  const rest = bytes.subarray(end + 4);
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0);
  return { status, content: /^transfer-encoding: chunked/im.test(head) ? joinChunks(rest) : rest };
}

function joinChunks(bytes: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf("\r\n", at);
    const length = line < 0 ? 0 : Number.parseInt(bytes.subarray(at, line).toString("latin1"), 16);
    if (!(length > 0)) break;
    chunks.push(bytes.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
  return Buffer.concat(chunks);
}

function envelopesIn(content: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at + 5 <= content.length; ) {
    const length = content.readUInt32BE(at + 1);
    if (at + 5 + length > content.length) break;
    messages.push(content.subarray(at + 5, at + 5 + length).toString("utf8"));
    at += 5 + length;
  }
  // An error before the stream began is no envelope.
  return messages.length === 0 && content.length > 0 ? [content.toString("utf8")] : messages;
}

/** What differs from one call to the next, whoever asks about whom. */
const FLEETING = new Set([
  ...["rev", "epoch", "resumeToken", "uptimeMs", "pid", "liveStreams", "counters", "asOfUnixMs", "ageMs", "nowUnixMs", "debug"],
  // What a caller does at that very moment, of which several calls are under way here.
  ...["streams", "lastMethod", "lastCallAgeMs", "knownForMs", "calls", "terminals"],
]);

function summary(messages: readonly string[]): string {
  const read = messages.map((text) => {
    try {
      return JSON.stringify(scrub(JSON.parse(text)));
    } catch {
      // It is compared as it is.
      return text;
    }
  });
  // How many bookmarks there are depends on how long one listens.
  return [...new Set(read)]
    .filter((text) => !text.startsWith('{"bookmark"'))
    .sort()
    .join(" ");
}

function scrub(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !FLEETING.has(name));
  return Object.fromEntries(
    kept.map(([name, each]) => {
      // A document of its own.
      if (name === "locks" && typeof each === "string") return [name, each.replace(/"as_of":\d+/, "")];
      const isPacked = "type" in value && name === "value" && typeof each === "string";
      return [name, isPacked ? Buffer.from(each, "base64").toString("latin1") : scrub(each)];
    }),
  );
}
