/** One way of speaking to a model over HTTP. Pure: {@link startModelServer} does the talking. */
export interface Dialect {
  readonly name: string;
  /** Of the request's path, for example `/\/chat\/completions$/`. */
  readonly path: RegExp;
  /** Reads a request. What an agent put in by itself (reminders, its surroundings) is left out of the user's texts. */
  read(body: JsonObject): ModelCall;
  /** The answer as server-sent events, each complete with its blank line. */
  stream(answer: ModelAnswer): readonly string[];
  /** The answer in one piece, for a request that doesn't want it streamed. */
  whole(answer: ModelAnswer): JsonObject;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a request asks, in no dialect. */
export interface ModelCall {
  readonly messages: readonly ModelMessage[];
  /** Names of the tools the model may call. A request without any is a side job of the agent, such as making a title. */
  readonly tools: readonly string[];
  readonly isStreamed: boolean;
}

export interface ModelMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  /** One entry per text block, each as it came. A tool's result counts as text too. */
  readonly texts: readonly string[];
}

export interface ModelAnswer {
  /** Counts requests, from 1. */
  readonly id: number;
  readonly model: string;
  readonly text: string;
  /** A call of the agent's shell instead of a text. */
  readonly tool?: { readonly name: string; readonly command: string } | undefined;
}

/** Writes one server-sent event. */
export function serverSentEvent(data: unknown, event?: string): string {
  const head = event === undefined ? "" : `event: ${event}\n`;
  return `${head}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** The texts of a message's content, in any of the shapes the dialects have: one string, or blocks with a `text`. */
export function textsOf(content: unknown): string[] {
  if (typeof content === "string") return [content];
  return asObjects(content).flatMap((block) => (typeof block["text"] === "string" ? [block["text"]] : []));
}

/** The objects of a list; none when it is no list. */
export function asObjects(list: unknown): JsonObject[] {
  return Array.isArray(list) ? list.filter((entry): entry is JsonObject => typeof entry === "object" && entry !== null) : [];
}
