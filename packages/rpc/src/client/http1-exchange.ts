import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Endpoint } from "../endpoint.ts";
import { openTls, type TlsClientOptions, withIdentity } from "../tls/open-tls.ts";

/** How long a connection that carries nothing is kept for the next call, in ms: less than the 120 s a server is that patient. */
const IDLE_MS = 30_000;
/** Idle connections that are kept: to a host of one's own fleet few calls run at once. */
const MAX_IDLE = 8;

/** What answers a request, as a whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface HttpExchange {
  /** Posts a body and answers when the reply begins; its own end, or `signal`, ends the exchange. Read to its end, its connection serves
   *  the next call.
   *  @throws ConnectError ABORTED when the connection could not be made or broke, or `signal` aborted */
  post(path: string, header: Headers, body: Uint8Array, signal: AbortSignal): Promise<IncomingMessage>;
  /** Posts a body and reads the whole answer. It costs half of what a stream does, because nothing is made that only a stream needs.
   *  @throws ConnectError ABORTED when the connection could not be made or broke, or `signal` aborted; RESOURCE_EXHAUSTED for an answer
   *    of more than `maxBytes` */
  ask(path: string, header: Headers, body: Uint8Array, signal: AbortSignal, maxBytes: number): Promise<HttpAnswer>;
  /** Cuts every connection. */
  close(): void;
}

/** Exchanges requests over HTTP/1.1, one at a time on a connection; as many connections as there are calls at once. */
export function httpExchange(endpoint: Endpoint, tls?: TlsClientOptions): HttpExchange {
  const agents = endpoint.kind === "tls" ? tlsAgents(endpoint, withIdentity(endpoint, tls)) : oneAgent();
  const where = endpoint.kind === "unix" ? { socketPath: endpoint.path } : { host: endpoint.hostname, port: endpoint.port };
  const begin = (path: string, header: Headers, body: Uint8Array) => {
    const headers = { ...Object.fromEntries(header), "content-length": body.length };
    return request({ ...where, agent: agents.current(), path, method: "POST", headers });
  };
  return {
    post: (path, header, body, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(lossOf(signal.reason));
        const call = begin(path, header, body);
        // Node's own way with a signal costs as much again as the request.
        const stop = () => void call.destroy();
        signal.addEventListener("abort", stop, { once: true });
        call.on("close", () => signal.removeEventListener("abort", stop));
        call.on("error", (error) => reject(lossOf(error)));
        call.on("response", (reply) => {
          // The agent's, for connections that carry nothing: a stream would set it anew with each piece. It is back when the agent is.
          reply.socket.setTimeout(0);
          resolve(reply);
        });
        call.end(body);
      }),
    async ask(path, header, body, signal, maxBytes) {
      if (signal.aborted) throw lossOf(signal.reason);
      const call = begin(path, header, body);
      const stop = () => void call.destroy();
      signal.addEventListener("abort", stop, { once: true });
      try {
        const answer = answerOf(call, maxBytes);
        call.end(body);
        return await answer;
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
    close: () => agents.close(),
  };
}

interface Agents {
  /** The one for new calls. */
  readonly current: () => Agent;
  readonly close: () => void;
}

function oneAgent(): Agents {
  const agent = newAgent();
  return { current: () => agent, close: () => agent.destroy() };
}

/** One agent for each of the credentials that were in force: what runs over an older connection goes on, and no new call does. */
function tlsAgents(endpoint: Extract<Endpoint, { kind: "tls" }>, tls: TlsClientOptions): Agents {
  const all: Agent[] = [];
  let by: unknown;
  return {
    current() {
      const [last] = all.slice(-1);
      if (last && by === tls.identity.credentials) return last;
      if (last) retire(last);
      by = tls.identity.credentials;
      const agent = Object.assign(newAgent(), { createConnection: () => openTls(endpoint, tls, "http/1.1") });
      all.push(agent);
      return agent;
    },
    close: () => all.forEach((agent) => void agent.destroy()),
  };
}

function newAgent(): Agent {
  return new Agent({ keepAlive: true, timeout: IDLE_MS, maxFreeSockets: MAX_IDLE });
}

function retire(agent: Agent): void {
  agent.maxFreeSockets = 0;
  for (const idle of Object.values(agent.freeSockets)) for (const socket of idle ?? []) socket.destroy();
}

/** The headers of an answer as the library wants them. */
export function toHeaders(headers: IncomingHttpHeaders): Headers {
  return new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function answerOf(call: ClientRequest, maxBytes: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const onError = (error: unknown) => reject(lossOf(error));
    // One that is cut off before its answer says so with an error, in every case.
    call.on("error", onError);
    call.on("response", (reply) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      reply.on("error", onError);
      reply.on("data", (piece: Buffer) => {
        bytes += piece.length;
        if (bytes <= maxBytes) return void pieces.push(piece);
        reject(new ConnectError(`the answer has more than the ${maxBytes} bytes that are read`, Code.ResourceExhausted));
        call.destroy();
      });
      reply.on("end", () => {
        const [only] = pieces;
        const body = pieces.length === 1 && only ? only : Buffer.concat(pieces, bytes);
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body });
      });
    });
  });
}

/** A connection that broke, as the library calls it; `lostConnectionInterceptor` says what that is to a caller. */
export function lossOf(thrown: unknown): ConnectError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ConnectError(message, Code.Aborted, undefined, undefined, thrown);
}
