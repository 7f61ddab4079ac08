import {
  asObjects,
  type Dialect,
  type JsonObject,
  type ModelAnswer,
  type ModelMessage,
  serverSentEvent,
  textsOf,
} from "./dialect.ts";

/** OpenAI's responses, which Codex speaks. */
export const responses: Dialect = {
  name: "responses",
  path: /\/responses$/,
  read: (body) => ({
    messages: typeof body["input"] === "string" ? [userSays([body["input"]])] : asObjects(body["input"]).flatMap(messagesIn),
    tools: asObjects(body["tools"]).flatMap(({ name }) => (typeof name === "string" ? [name] : [])),
    isStreamed: body["stream"] !== false,
  }),
  stream: (answer) => {
    const item = itemOf(answer);
    const empty = { ...item, status: "in_progress", ...(answer.tool ? { arguments: "" } : { content: [] }) };
    const place = { item_id: item["id"], output_index: 0 };
    const parts = answer.tool
      ? [{ type: "response.function_call_arguments.done", ...place, arguments: item["arguments"] }]
      : words(answer.text).map((delta) => ({ type: "response.output_text.delta", ...place, content_index: 0, delta }));
    return [
      { type: "response.created", response: responseOf(answer, "in_progress", []) },
      { type: "response.output_item.added", output_index: 0, item: empty },
      ...parts,
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: responseOf(answer, "completed", [item]) },
    ].map((event, number) => serverSentEvent({ ...event, sequence_number: number }, event.type));
  },
  whole: (answer) => responseOf(answer, "completed", [itemOf(answer)]),
};

/** What Codex itself says in the user's name. */
const INJECTED = /^\s*(<(environment_context|user_instructions|skills_instructions|turn_aborted|INSTRUCTIONS)|# AGENTS\.md)/;

function messagesIn(item: JsonObject): ModelMessage[] {
  if (item["type"] === "function_call_output") return [{ role: "tool", texts: textsOf(item["output"]) }];
  const texts = textsOf(item["content"]);
  if (item["role"] === "assistant") return [{ role: "assistant", texts }];
  if (item["role"] === "user") return [userSays(texts.filter((text) => !INJECTED.test(text)))];
  return item["role"] === undefined ? [] : [{ role: "system", texts }];
}

function userSays(texts: readonly string[]): ModelMessage {
  return { role: "user", texts };
}

function itemOf({ id, tool, text }: ModelAnswer): JsonObject {
  if (tool === undefined) {
    const content = [{ type: "output_text", text, annotations: [] }];
    return { type: "message", id: `msg_${id}`, role: "assistant", status: "completed", content };
  }
  // A model of Codex asks for leave by a word in its call: here it does for a command that says so in a comment.
  const leave = tool.command.endsWith("# with leave")
    ? { sandbox_permissions: "require_escalated", justification: "the test wants it" }
    : {};
  const args = JSON.stringify({ cmd: tool.command, ...leave });
  return {
    ...{ type: "function_call", id: `fc_${id}`, call_id: `call_${id}` },
    ...{ name: tool.name, arguments: args, status: "completed" },
  };
}

function responseOf({ id, model }: ModelAnswer, status: string, output: readonly JsonObject[]): JsonObject {
  const details = { input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } };
  const usage = status === "completed" ? { input_tokens: 100, output_tokens: 10, total_tokens: 110, ...details } : null;
  return { id: `resp_${id}`, object: "response", created_at: 1_700_000_000, status, model, output, usage };
}

function words(text: string): string[] {
  return text.split(/(?<= )/);
}
