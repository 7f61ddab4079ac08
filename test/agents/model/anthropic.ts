import {
  asObjects,
  type Dialect,
  type JsonObject,
  type ModelAnswer,
  type ModelMessage,
  serverSentEvent,
  textsOf,
} from "./dialect.ts";

/** Anthropic's messages, which Claude Code speaks. */
export const anthropic: Dialect = {
  name: "anthropic",
  path: /\/v1\/messages$/,
  read: (body) => ({
    messages: asObjects(body["messages"]).flatMap(messagesIn),
    tools: asObjects(body["tools"]).flatMap(({ name }) => (typeof name === "string" ? [name] : [])),
    isStreamed: body["stream"] === true,
  }),
  stream: (answer) => {
    const start = answer.tool ? { ...blockOf(answer), input: {} } : { type: "text", text: "" };
    const deltas = answer.tool
      ? [{ type: "input_json_delta", partial_json: JSON.stringify(blockOf(answer)["input"]) }]
      : words(answer.text).map((text) => ({ type: "text_delta", text }));
    return [
      { type: "message_start", message: { ...messageOf(answer), content: [], stop_reason: null } },
      { type: "content_block_start", index: 0, content_block: start },
      ...deltas.map((delta) => ({ type: "content_block_delta", index: 0, delta })),
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: stopReason(answer), stop_sequence: null }, usage: { output_tokens: 10 } },
      { type: "message_stop" },
    ].map((event) => serverSentEvent(event, event.type));
  },
  whole: (answer) => ({ ...messageOf(answer), content: [blockOf(answer)], stop_reason: stopReason(answer) }),
};

/** What Claude Code wraps a text in that was typed while a tool ran. */
const TYPED_MEANWHILE = /The user sent a new message while you were working:\n([\s\S]*?)\n\nIMPORTANT: After completing/g;

// Texts that follow on an interrupted turn come as blocks of one message: each is a message here, so that the last one is the last.
function messagesIn({ role, content }: JsonObject): ModelMessage[] {
  if (role !== "user") return [{ role: role === "assistant" ? "assistant" : "system", texts: textsOf(content) }];
  const results = asObjects(content).filter(({ type }) => type === "tool_result");
  const resultTexts = results.flatMap((result) => textsOf(result["content"]));
  const meanwhile = resultTexts.flatMap((text) => [...text.matchAll(TYPED_MEANWHILE)].map((match) => match[1] ?? ""));
  const typed = textsOf(content).filter((text) => !/^\s*<(system-reminder|command-name|local-command)/.test(text));
  return [
    ...(results.length === 0 ? [] : [{ role: "tool" as const, texts: resultTexts }]),
    ...[...meanwhile, ...typed].map((text) => ({ role: "user" as const, texts: [text] })),
  ];
}

function messageOf({ id, model }: ModelAnswer): JsonObject {
  const usage = { input_tokens: 100, output_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  return { id: `msg_${id}`, type: "message", role: "assistant", model, stop_sequence: null, usage };
}

function blockOf({ id, tool, text }: ModelAnswer): JsonObject {
  if (tool === undefined) return { type: "text", text };
  const input = { command: tool.command, description: "what the test asked for" };
  return { type: "tool_use", id: `toolu_${id}`, name: tool.name, input };
}

function stopReason({ tool }: ModelAnswer): string {
  return tool === undefined ? "end_turn" : "tool_use";
}

function words(text: string): string[] {
  return text.split(/(?<= )/);
}
