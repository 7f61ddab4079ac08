import { Agent, type IncomingMessage, request } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Endpoint } from "../endpoint.ts";
import { openTls, type TlsClientOptions, withIdentity } from "../tls/open-tls.ts";

/** How long a connection that carries nothing is kept for the next call, in ms: less than the 120 s a server is that patient. */
const IDLE_MS = 30_000;
/** Idle connections that are kept: to a host of one's own fleet few calls run at once. */
const MAX_IDLE = 8;

/** One request and what answers it. */
export interface HttpReply {
  readonly status: number;
  readonly header: Headers;
  /** Throws what `lossOf` makes of a connection that broke. Read to its end, its connection serves the next call. */
  readonly body: AsyncIterable<Buffer>;
}

export interface HttpExchange {
  /** Posts a body; the reply's own end, or `signal`, ends the exchange.
   *  @throws ConnectError ABORTED when the connection could not be made or broke */
  post(path: string, header: Headers, body: Uint8Array, signal: AbortSignal): Promise<HttpReply>;
  /** Cuts every connection. */
  close(): void;
}

/** Exchanges requests over HTTP/1.1, one at a time on a connection; as many connections as there are calls at once. */
export function httpExchange(endpoint: Endpoint, tls?: TlsClientOptions): HttpExchange {
  const agents = endpoint.kind === "tls" ? tlsAgents(endpoint, withIdentity(endpoint, tls)) : oneAgent();
  const where = endpoint.kind === "unix" ? { socketPath: endpoint.path } : { host: endpoint.hostname, port: endpoint.port };
  return {
    post: (path, header, body, signal) =>
      new Promise((resolve, reject) => {
        const headers = { ...Object.fromEntries(header), "content-length": body.length };
        const call = request({ ...where, agent: agents.current(), signal, path, method: "POST", headers });
        call.on("error", (error) => reject(lossOf(error)));
        call.on("response", (reply) => resolve(toReply(reply)));
        call.end(body);
      }),
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

function toReply(reply: IncomingMessage): HttpReply {
  // Whoever reads is told; while nobody does, there is nobody to tell.
  reply.on("error", () => {});
  const header = new Headers(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]));
  return { status: reply.statusCode ?? 0, header, body: readBody(reply) };
}

async function* readBody(reply: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* reply;
  } catch (thrown) {
    throw lossOf(thrown);
  }
}

// As the library calls a connection that broke; `lostConnectionInterceptor` says what that is to a caller.
function lossOf(thrown: unknown): ConnectError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ConnectError(message, Code.Aborted, undefined, undefined, thrown);
}
