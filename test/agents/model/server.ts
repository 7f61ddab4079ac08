import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Dialect, JsonObject, ModelAnswer, ModelCall } from "./dialect.ts";
import { dialects } from "./dialects.ts";
import { ordersIn } from "./orders.ts";

/** One request to the model, as it came. */
export interface ModelRequest extends ModelCall {
  /** Counts requests, from 1. */
  readonly id: number;
  readonly dialect: string;
  readonly path: string;
  readonly model: string;
  /** Every text of the user in it, the whole conversation, oldest first. */
  readonly userTexts: readonly string[];
  /** True for what the agent asks beside the conversation, such as a title. */
  readonly isSideJob: boolean;
}

/** A stand-in for a model on loopback: answers `reply <n>` to anything, obeys the words of {@link ordersIn}, and remembers what it
 *  was asked. Disposing ends it with every answer that is under way. */
export interface ModelServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly url: string;
  readonly requests: readonly ModelRequest[];
  /** Where programs that were given this server as their proxy wanted to go. Nothing was let through. */
  readonly outsideAttempts: readonly string[];
  /** How often a text is in the conversation: the most of any one request, since each carries all that was said before. */
  timesReceived(text: string): number;
}

/** Starts one on a port of its own. */
export async function startModelServer(): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  const outsideAttempts: string[] = [];
  const closing = new AbortController();
  const server = createServer((request, response) => {
    const work = take(request, response, requests, outsideAttempts, closing.signal);
    // The agent went away, or the server closes: there is nobody to answer.
    work.catch(() => response.destroy());
  });
  server.on("connect", (request, socket) => {
    outsideAttempts.push(request.url ?? "");
    socket.on("error", () => {});
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    outsideAttempts,
    timesReceived: (text) => Math.max(0, ...requests.map(({ userTexts }) => count(userTexts, text.trim()))),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await closed(server);
    },
  };
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  requests: ModelRequest[],
  outsideAttempts: string[],
  closing: AbortSignal,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  if (url.hostname !== "127.0.0.1") {
    outsideAttempts.push(url.href);
    return sendJson(response, 403, { error: { message: "the model server is no way out" } });
  }
  const body = await readBody(request);
  const dialect = dialects.find(({ path }) => request.method === "POST" && path.test(url.pathname));
  if (dialect === undefined) return sendAside(url.pathname, response);
  const call = dialect.read(body);
  const model = typeof body["model"] === "string" ? body["model"] : "";
  const userTexts = call.messages.flatMap((message) => (message.role === "user" ? message.texts : []));
  const isSideJob = call.tools.length === 0;
  const taken = { ...call, id: requests.length + 1, dialect: dialect.name, path: url.pathname, model, userTexts, isSideJob };
  requests.push(taken);
  await answer(dialect, taken, response, AbortSignal.any([closing, closedSignal(response)]));
}

async function answer(dialect: Dialect, request: ModelRequest, response: ServerResponse, signal: AbortSignal): Promise<void> {
  const orders = ordersIn(request);
  if (orders.status !== undefined) {
    const error = { type: ERROR_TYPES[orders.status] ?? "api_error", message: `the prompt asked for status ${orders.status}` };
    return sendJson(response, orders.status, { type: "error", error });
  }
  const shell = request.tools.find((name) => SHELLS.has(name));
  const tool = orders.command === undefined || shell === undefined ? undefined : { name: shell, command: orders.command };
  const made: ModelAnswer = { id: request.id, model: request.model, text: `reply ${request.id} of the model`, tool };
  if (!request.isStreamed && !orders.hangs) {
    await delay(orders.slowMs, undefined, { signal });
    return sendJson(response, 200, dialect.whole(made));
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" }).flushHeaders();
  if (orders.hangs) return;
  const events = dialect.stream(made);
  for (const event of events) {
    if (orders.slowMs > 0) await delay(orders.slowMs / events.length, undefined, { signal });
    response.write(event);
  }
  response.end();
}

/** The names that the agents' shell tools have. */
const SHELLS = new Set(["Bash", "bash", "exec_command", "shell_command", "shell", "local_shell"]);

/** As the models' makers name them. */
const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
};

/** What agents ask beside the model: which models there are, how long a text is. */
function sendAside(path: string, response: ServerResponse): void {
  if (/\/models(\/|$)/.test(path))
    return sendJson(response, 200, { object: "list", data: [{ id: "stub-model", object: "model" }] });
  if (/\/count_tokens$/.test(path)) return sendJson(response, 200, { input_tokens: 100 });
  sendJson(response, 404, { error: { type: "not_found_error", message: `the model server has no ${path}` } });
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as JsonObject;
  } catch {
    // Not JSON: no dialect is spoken then, and an empty request says the same.
    return {};
  }
}

function sendJson(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function count(texts: readonly string[], wanted: string): number {
  return texts.filter((text) => text.trim() === wanted).length;
}

function closedSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
