import {
  asObjects,
  type Dialect,
  type JsonObject,
  type ModelAnswer,
  type ModelMessage,
  serverSentEvent,
  textsOf,
} from "./dialect.ts";

/** OpenAI's chat completions, which opencode and pi speak to a provider of one's own. */
export const chatCompletions: Dialect = {
  name: "chat-completions",
  path: /\/chat\/completions$/,
  read: (body) => ({
    messages: asObjects(body["messages"]).map((message) => ({ role: roleOf(message), texts: textsOf(message["content"]) })),
    tools: asObjects(body["tools"]).flatMap(({ function: described }) => {
      const name = (described as JsonObject | undefined)?.["name"];
      return typeof name === "string" ? [name] : [];
    }),
    isStreamed: body["stream"] === true,
  }),
  stream: (answer) => [
    chunk(answer, { role: "assistant", content: "" }),
    ...(answer.tool === undefined
      ? words(answer.text).map((content) => chunk(answer, { content }))
      : [chunk(answer, { tool_calls: [{ index: 0, ...toolCall(answer, answer.tool) }] })]),
    chunk(answer, {}, finishReason(answer)),
    serverSentEvent({ ...head(answer, "chat.completion.chunk"), choices: [], usage }),
    serverSentEvent("[DONE]"),
  ],
  whole: (answer) => {
    const message = {
      role: "assistant",
      content: answer.text,
      ...(answer.tool && { tool_calls: [toolCall(answer, answer.tool)] }),
    };
    return { ...head(answer, "chat.completion"), usage, choices: [{ index: 0, finish_reason: finishReason(answer), message }] };
  },
};

const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };

function roleOf({ role }: JsonObject): ModelMessage["role"] {
  return role === "user" || role === "assistant" || role === "tool" ? role : "system";
}

function words(text: string): string[] {
  return text.split(/(?<= )/);
}

function chunk(answer: ModelAnswer, delta: JsonObject, finish: string | null = null): string {
  return serverSentEvent({ ...head(answer, "chat.completion.chunk"), choices: [{ index: 0, delta, finish_reason: finish }] });
}

function head({ id, model }: ModelAnswer, object: string): JsonObject {
  return { id: `chatcmpl-${id}`, object, created: 1_700_000_000, model };
}

function toolCall({ id }: ModelAnswer, { name, command }: NonNullable<ModelAnswer["tool"]>): JsonObject {
  const args = JSON.stringify({ command, description: "what the test asked for" });
  return { id: `call_${id}`, type: "function", function: { name, arguments: args } };
}

function finishReason({ tool }: ModelAnswer): string {
  return tool === undefined ? "stop" : "tool_calls";
}
