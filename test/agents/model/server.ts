import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { canonicalPrompt } from "@mosaic/core";
import { answer, sendJson } from "./answer.ts";
import type { JsonObject, ModelCall } from "./dialect.ts";
import { dialects } from "./dialects.ts";

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
    timesReceived: (text) => Math.max(0, ...requests.map(({ userTexts }) => count(userTexts, canonicalPrompt(text)))),
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

function count(texts: readonly string[], wanted: string): number {
  return texts.filter((text) => canonicalPrompt(text) === wanted).length;
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
