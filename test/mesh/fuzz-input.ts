import { pick } from "@mosaic/testkit";
import { FleetService } from "@mosaic/wire";

/** What is thrown at a port: made from a seed, and cheap, so that the port is what a run waits for. */
export type Random = () => number;

const METHODS = FleetService.methods.map(({ name }) => name);
const TYPES = [
  ...["application/json", "application/proto", "application/grpc", "application/grpc+proto", "application/grpc-web+proto"],
  ...["application/connect+json", "application/connect+proto", "text/plain", ""],
];
const FIELDS = [
  ...["agent", "messageId", "text", "selector", "waitMs", "waitFor", "resumeToken", "lines", "policy", "x", "__proto__"],
];
const LONG_TEXT = "a".repeat(3000);

let pool: Buffer | undefined;

/** Bytes that are none: a piece of a megabyte that was drawn once. */
export function noise(random: Random, most: number): Buffer {
  pool ??= Buffer.from(Uint8Array.from({ length: 1 << 20 }, () => Math.floor(random() * 256)));
  const length = Math.floor(random() * most);
  const start = Math.floor(random() * (pool.length - length));
  return pool.subarray(start, start + length);
}

export interface BadCall {
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** A request of any method in any protocol, whose body, length, headers or encoding is wrong. */
export function badCall(random: Random, types: readonly string[] = TYPES): BadCall {
  const type = pick(types, random);
  const headers: (readonly [string, string])[] = [];
  if (type !== "") headers.push(["content-type", type]);
  if (random() < 0.1) headers.push(["connect-timeout-ms", pick(["-1", "x", "1", "99999999999"], random)]);
  if (random() < 0.1) headers.push(["grpc-timeout", pick(["-1S", "99999999999H", "1n", "S"], random)]);
  if (random() < 0.1) headers.push(["content-encoding", pick(["gzip", "br", "identity"], random)]);
  if (random() < 0.1) headers.push(["grpc-encoding", pick(["gzip", "zstd", ""], random)]);
  if (random() < 0.1) headers.push(["traceparent", pick(["00", LONG_TEXT.slice(0, 300), "00-0-0-00"], random)]);
  if (random() < 0.1) headers.push(["mosaic-capability", noise(random, 60).toString("base64")]);
  const method = random() < 0.95 ? pick(METHODS, random) : noise(random, 9).toString("hex");
  return { path: `/mosaic.fleet.v1.FleetService/${method}`, headers, body: bodyFor(type, random) };
}

/** What gRPC and Connect speak over HTTP/2. */
export const FRAMED_TYPES = TYPES.filter((type) => type.startsWith("application/"));

function bodyFor(type: string, random: Random): Buffer {
  const message = type.includes("json") ? badJson(random) : noise(random, 200);
  if (!/grpc|connect/.test(type) || random() < 0.2) return message;
  const head = Buffer.alloc(5);
  head[0] = random() < 0.8 ? 0 : Math.floor(random() * 256);
  head.writeUInt32BE(random() < 0.8 ? message.length : Math.floor(random() * 2 ** 32), 1);
  return Buffer.concat([head, message]);
}

function badJson(random: Random): Buffer {
  const value = (depth: number): unknown => {
    const kind = Math.floor(random() * (depth > 3 ? 5 : 7));
    if (kind === 0) return null;
    if (kind === 1) return random() < 0.5 ? -1 : 2 ** Math.floor(random() * 70);
    if (kind === 2) return noise(random, 20).toString("latin1");
    if (kind === 3) return random() < 0.5;
    if (kind === 4) return LONG_TEXT.slice(0, Math.floor(random() * 3000));
    if (kind === 5) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
    return Object.fromEntries(Array.from({ length: Math.floor(random() * 5) }, () => [pick(FIELDS, random), value(depth + 1)]));
  };
  const text = JSON.stringify(value(0)) ?? "";
  return Buffer.from(random() < 0.2 ? text.slice(0, Math.floor(random() * text.length)) : text);
}

/** The same as HTTP/1.1. One in twenty says another length than its body has. */
export function asHttp1({ path, headers, body }: BadCall, random: Random): Buffer {
  const length =
    random() < 0.95 ? String(body.length) : pick(["-1", "1e3", "99999999999999999999", String(body.length + 9), "0"], random);
  const framing = random() < 0.98 ? `content-length: ${length}` : "transfer-encoding: chunked";
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${framing}\r\n${lines}\r\n`), body]);
}

/** The same as HTTP/2 frames of one stream, its headers as literals that no table keeps. */
export function asHttp2({ path, headers, body }: BadCall, stream: number): Buffer {
  const pairs = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "127.0.0.1"],
    ["te", "trailers"],
    ...headers,
  ];
  const block = Buffer.concat(pairs.map(([name = "", value = ""]) => literal(name, value)));
  return Buffer.concat([frame(1, END_HEADERS, stream, block), frame(0, END_STREAM, stream, body)]);
}

/** Frames that give up streams. */
export function leaveStreams(streams: readonly number[]): Buffer {
  return Buffer.concat(streams.filter((stream) => stream > 1).map((stream) => frame(3, 0, stream, CANCEL)));
}

const CANCEL = Buffer.from([0, 0, 0, 8]);
const END_STREAM = 1;
const END_HEADERS = 4;
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** What a client of HTTP/2 begins with, and room for whatever is answered. */
export const HTTP2_BEGIN: Buffer = (() => {
  const room = Buffer.alloc(4);
  room.writeUInt32BE(2 ** 30, 0);
  return Buffer.concat([PREFACE, frame(4, 0, 0, Buffer.alloc(0)), frame(8, 0, 0, room)]);
})();

/** Frames of any type and length behind a right beginning. */
export function badFrames(random: Random, count: number): Buffer {
  const settings = frame(4, 0, 0, Buffer.alloc(0));
  return Buffer.concat([PREFACE, settings, ...Array.from({ length: count }, () => anyFrame(random))]);
}

function anyFrame(random: Random): Buffer {
  const [type, flags, stream] = [Math.floor(random() * 12), Math.floor(random() * 256), Math.floor(random() * 8)];
  const made = frame(type, flags, stream, noise(random, 80));
  // A length that is not that of what follows.
  if (random() < 0.2) made.writeUIntBE(Math.floor(random() * 2 ** 24), 0, 3);
  return made;
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), text(name), text(value)]);
}

// A length of up to 7 bits, or what is left of it in groups of 7.
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const groups = [127];
  let left = bytes.length - 127;
  for (; left >= 128; left = Math.floor(left / 128)) groups.push((left % 128) + 128);
  return Buffer.concat([Buffer.from([...groups, left]), bytes]);
}

/** TLS records that are none: of any type, version and length, or a greeting of a client in which some bytes are others.
 *  @param greeting what a client really begins with */
export function badRecords(random: Random, greeting: Buffer): Buffer {
  if (random() < 0.3) return Buffer.concat(Array.from({ length: 1 + Math.floor(random() * 4) }, () => anyRecord(random)));
  const bytes = Buffer.from(greeting);
  for (let changes = 1 + Math.floor(random() * 8); changes > 0; changes -= 1) {
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  }
  return random() < 0.3 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
}

function anyRecord(random: Random): Buffer {
  const payload = noise(random, 200);
  const length = random() < 0.8 ? payload.length : Math.floor(random() * 65_536);
  const head = Buffer.from([20 + Math.floor(random() * 6), 3, Math.floor(random() * 5), length >> 8, length & 255]);
  return Buffer.concat([head, payload]);
}
