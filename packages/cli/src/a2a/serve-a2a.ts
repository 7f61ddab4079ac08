import { once } from "node:events";
import { A2A_VERSION_HEADER, formatSSEEvent, SSE_HEADERS } from "@a2a-js/sdk";
import { ServerCallContext } from "@a2a-js/sdk/server";
import { type Fleet, MosaicError } from "@mosaic/client";
import { ERROR_CODES } from "@mosaic/core/light";
import { type PlainRequest, type PlainResponse, servePlainHttp } from "@mosaic/rpc";
import { AgentDesks, type Desk } from "./agent-desk.ts";
import { answerJson, readBody, refusalOf } from "./front-request.ts";

export interface ServeA2aOptions {
  readonly fleet: Fleet;
  readonly version: string;
  /** A loopback address. */
  readonly hostname: string;
  /** 0: any that is free. */
  readonly port: number;
  /** What callers have to show. Undefined: nothing. */
  readonly token: string | undefined;
}

/** A server that runs. Dispose it to end what it follows; messages that were taken go on. */
export interface A2aServer extends AsyncDisposable {
  readonly url: string;
}

/** Serves each agent of a fleet as an A2A agent, over HTTP on this machine: JSON-RPC at `/agents/<tenant>/<host>/<name>`, its card below
 *  that, the list of all at `/agents`, and `/healthz`, which needs no token.
 *  @throws MosaicError NOT_ALLOWED for an address that is not loopback, MACHINE when it can't be listened on */
export async function serveA2a({ fleet, version, hostname, port, token }: ServeA2aOptions): Promise<A2aServer> {
  const stop = new AbortController();
  const front: { desks?: AgentDesks } = {};
  const listener = await servePlainHttp({
    hostname,
    port,
    answer: (request, response) => {
      answer(request, response, { fleet, token, desks: front.desks }).catch((thrown: unknown) =>
        fail(response, MosaicError.from(thrown)),
      );
    },
  });
  const url = `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${listener.port}`;
  front.desks = new AgentDesks({ fleet, baseUrl: url, version, needsToken: token !== undefined, signal: stop.signal });
  return {
    url,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await listener[Symbol.asyncDispose]();
    },
  };
}

interface Front {
  readonly fleet: Fleet;
  readonly token: string | undefined;
  /** Absent for the moment before the address is known. */
  readonly desks: AgentDesks | undefined;
}

async function answer(request: PlainRequest, response: PlainResponse, { fleet, token, desks }: Front): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const [method = "", path] = [request.method, decodeURIComponent(pathname)];
  if (method === "GET" && path === "/healthz") return await answerHealth(response, fleet);
  const refusal = refusalOf(request, token);
  if (refusal) return answerJson(response, refusal.status, { error: refusal.detail }, refusal.status === 401 ? CHALLENGE : {});
  if (!desks) return answerJson(response, 503, { error: "starting" });
  if (method === "GET" && path === "/agents") return answerJson(response, 200, { agents: await desks.list() });
  const [, address, isCard] = /^\/agents\/([^/]+\/[^/]+\/[^/]+)(\/\.well-known\/agent-card\.json)?\/?$/.exec(path) ?? [];
  if (address === undefined) return answerJson(response, 404, { error: "GET /agents lists what is served" });
  const desk = await desks.of(address);
  if (isCard !== undefined && method === "GET") return answerJson(response, 200, desk.card);
  if (isCard !== undefined || method !== "POST") return answerJson(response, 405, { error: "agents take POST, cards GET" });
  await answerCall(request, response, desk);
}

const CHALLENGE = { "www-authenticate": "Bearer" };

async function answerHealth(response: PlainResponse, fleet: Fleet): Promise<void> {
  const code = await fleet.info().then(
    () => undefined,
    (thrown: unknown) => MosaicError.from(thrown).code,
  );
  answerJson(response, code === undefined ? 200 : 503, { status: code ?? "ok" });
}

async function answerCall(request: PlainRequest, response: PlainResponse, desk: Desk): Promise<void> {
  const asked = request.headers[A2A_VERSION_HEADER.toLowerCase()];
  const requestedVersion = typeof asked === "string" && asked !== "" ? asked : "0.3";
  const body = await readBody(request);
  const context = new ServerCallContext({ requestedVersion });
  const reply = await (requestedVersion === "0.3" ? desk.legacy : desk.current).handle(body, context);
  if (!(Symbol.asyncIterator in reply)) return answerJson(response, 200, reply);
  await stream(response, reply);
}

/** The first event is awaited before the status is said: what fails at once is an answer like any other. */
async function stream(response: PlainResponse, events: AsyncGenerator<object, void>): Promise<void> {
  // Who goes away is no longer told; the task itself goes on, and may be asked for again.
  response.once("close", () => void events.return(undefined));
  const first = await events.next();
  response.writeHead(200, SSE_HEADERS);
  for (let next = first; !next.done; next = await events.next()) {
    if (!response.write(formatSSEEvent(next.value))) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
}

function fail(response: PlainResponse, { code, message, hint }: MosaicError): void {
  if (response.headersSent) return void response.destroy();
  answerJson(response, STATUSES[ERROR_CODES[code].rpc] ?? 500, { error: message, code, ...(hint === undefined ? {} : { hint }) });
}

const STATUSES: Readonly<Partial<Record<string, number>>> = {
  INVALID_ARGUMENT: 400,
  NOT_FOUND: 404,
  FAILED_PRECONDITION: 409,
  RESOURCE_EXHAUSTED: 413,
  PERMISSION_DENIED: 403,
  UNAUTHENTICATED: 401,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};
