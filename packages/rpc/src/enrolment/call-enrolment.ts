import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { MosaicError } from "@mosaic/core/light";
import { type IdentitySource, identityOf, type Trust } from "@mosaic/identity/light";
import { type Endpoint, formatEndpoint } from "../endpoint.ts";
import { errorOfReply } from "../plain-unary-error.ts";
import { openTls } from "../tls/open-tls.ts";
import { refusalOf } from "../tls/refusal-of.ts";
import { shownChain } from "../tls/shown-chain.ts";

export type EnrolmentEndpoint = Extract<Endpoint, { kind: "unix" | "tls" }>;

export interface CallEnrolmentOptions {
  /** For everything, in ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Who calls and whom they believe; needed for an endpoint with TLS. Without credentials it is a stranger who calls. */
  readonly identity?: IdentitySource | undefined;
}

const MAX_REPLY_BYTES = 8 * 1024 * 1024;

/** Calls EnrolmentService of an aggregator; messages are their JSON forms. Not a byte leaves before the server has proved to be an
 *  aggregator of the fleet.
 *  @throws MosaicError IDENTITY_REFUSED when it is none, NOT_SERVED when nobody answers, or what the server says */
export async function callEnrolment<Res extends object>(
  endpoint: EnrolmentEndpoint,
  method: string,
  request: object,
  options: CallEnrolmentOptions,
): Promise<Res> {
  const open = () => (endpoint.kind === "unix" ? connect(endpoint.path) : openTls(endpoint, identified(options), "http/1.1"));
  return await exchange<Res>(endpoint, open, method, request, options);
}

/** What a fleet says of itself before anything of it is believed. */
export interface ToldRoots {
  readonly fleet: string;
  /** PEM. */
  readonly roots: string;
  readonly nowUnixMs: number;
}

/** Asks who is there for the fleet's roots. Neither they nor who answered are believed by this: the caller compares pins, and then
 *  gives the roots to `judge`, which looks at who answered.
 *  @throws MosaicError NOT_SERVED when nobody answers */
export async function askRoots(
  endpoint: EnrolmentEndpoint & { kind: "tls" },
  options: CallEnrolmentOptions,
): Promise<ToldRoots & { readonly judge: (trust: Trust, nowUnixMs: number) => void }> {
  let socket: Socket | undefined;
  const open = () => {
    const { hostname: host, port } = endpoint;
    const opened = connectTls({ host, port, minVersion: "TLSv1.3", rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] });
    opened.once("secureConnect", () => shownChain(opened));
    socket = opened;
    return opened;
  };
  const reply = await exchange<{ fleet?: string; roots?: string; nowUnixMs?: string }>(endpoint, open, "GetRoots", {}, options);
  const chain = (socket && shownChain(socket)) ?? [];
  return {
    fleet: reply.fleet ?? "",
    roots: reply.roots ?? "",
    nowUnixMs: Number(reply.nowUnixMs ?? 0),
    judge(trust, nowUnixMs) {
      if (identityOf(chain, trust, nowUnixMs).kind === "aggregator") return;
      throw new MosaicError("IDENTITY_REFUSED", `who answers at ${formatEndpoint(endpoint)} is no aggregator of the fleet`);
    },
  };
}

function identified({ identity }: CallEnrolmentOptions) {
  if (identity) return { identity, expect: { kind: "aggregator" } as const };
  throw new MosaicError("NOT_ALLOWED", "cannot call an aggregator over the network without the fleet's roots", {
    hint: "enrol first: mosaic login for people, mosaic host join for a host (docs/security.md)",
  });
}

// What is written to a TLS socket that is not open yet may leave before who answers was judged: so it is waited for.
async function exchange<Res extends object>(
  endpoint: EnrolmentEndpoint,
  open: () => Socket,
  method: string,
  request: object,
  { timeoutMs, signal }: CallEnrolmentOptions,
): Promise<Res> {
  const where = formatEndpoint(endpoint);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const socket = open();
  const hangUp = () => socket.destroy();
  limit.addEventListener("abort", hangUp, { once: true });
  try {
    await once(socket, endpoint.kind === "unix" ? "connect" : "secureConnect", { signal: limit });
    const { status, text } = await post(socket, `/mosaic.fleet.v1.EnrolmentService/${method}`, request, limit);
    const reply = parse(text);
    if (status === 200 && reply) return reply as Res;
    throw await errorOfReply({ status, reply, method, where });
  } catch (thrown) {
    if (limit.aborted && !signal.aborted) throw new MosaicError("DEADLINE", `no answer from ${where} in ${timeoutMs} ms`);
    throw failureOf(thrown, where, signal);
  } finally {
    limit.removeEventListener("abort", hangUp);
    socket.on("error", () => {
      // Whatever is wrong with it now is of no interest any more.
    });
    socket.destroy();
  }
}

async function post(socket: Socket, path: string, request: object, signal: AbortSignal) {
  const body = Buffer.from(JSON.stringify(request));
  const headers = {
    ...{ "content-type": "application/json", "content-length": body.length, "connect-protocol-version": "1" },
    ...{ host: "localhost", connection: "close" },
  };
  const call = httpRequest({ method: "POST", path, headers, createConnection: () => socket, signal });
  call.end(body);
  const [response] = (await once(call, "response", { signal })) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REPLY_BYTES) throw new MosaicError("NOT_SERVED", "what answers there is no aggregator: its reply is endless");
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
}

function failureOf(error: unknown, where: string, signal: AbortSignal): MosaicError {
  if (signal.aborted) return MosaicError.from(signal.reason);
  if (error instanceof MosaicError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const refusal = refusalOf(error);
  if (refusal) return refusal;
  const hint = "is mosaic-aggregator running there with --enrol, and does no firewall stand between?";
  return new MosaicError("NOT_SERVED", `no aggregator answers at ${where} (${code ?? message})`, { hint, cause: error });
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    // Whatever is not JSON is answered by its HTTP status.
    return undefined;
  }
}
