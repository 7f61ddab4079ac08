import { createHash } from "node:crypto";
import { canonicalPrompt, type StoredMessage, textToType } from "@mosaic/core";

/** SHA-256 of a text's UTF-8, in lower-case hex. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The hashes by which a prompt is known again: of the text as it stands, and of the same without what runtimes trim. */
export function promptHashes(text: string): ReadonlySet<string> {
  return new Set([sha256(text), sha256(canonicalPrompt(text))]);
}

/** What was typed for a message, or would be: its command, or its text with the label in front where the receipt's hash says so.
 *  So nothing has to be known of the agent, which may be gone. */
export function typedText(message: Pick<StoredMessage, "text" | "command" | "receipt">): string {
  if (message.command !== undefined) return message.command;
  const { sourceLabel, textSha256 } = message.receipt;
  const asItIs = textToType(message.text, "stub", sourceLabel);
  return sha256(asItIs) === textSha256 ? asItIs : textToType(message.text, "", sourceLabel);
}
