import { anthropic } from "./anthropic.ts";
import { chatCompletions } from "./chat-completions.ts";
import type { Dialect } from "./dialect.ts";
import { responses } from "./responses.ts";

/** Every dialect that the model server speaks. A new one is a file and a line here. */
export const dialects: readonly Dialect[] = [chatCompletions, anthropic, responses];
