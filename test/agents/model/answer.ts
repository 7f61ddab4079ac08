import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Dialect, JsonObject, ModelAnswer, ModelCall } from "./dialect.ts";
import { ordersIn } from "./orders.ts";

/** Answers one request as the words in it tell: see {@link ordersIn}.
 *  @param signal ends an answer that is under way
 *  @throws the signal's reason when it does */
export async function answer(
  dialect: Dialect,
  request: ModelCall & { readonly id: number; readonly model: string },
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
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

/** Answers with JSON, in one piece. */
export function sendJson(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
