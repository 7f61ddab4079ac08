import type { StoredMessage } from "@mosaic/core";
import { promptHashes, typedText } from "./message-hashes.ts";

const MAX_KNOWN = 10_000;

/** Tells whether a prompt is the text of a message. Keeps what it worked out: that costs more than all else about a report. */
export class KnownPrompts {
  /** By message id; the hash of the text as typed says whether it still holds. */
  readonly #known = new Map<string, { readonly textSha256: string; readonly hashes: ReadonlySet<string> }>();

  /** @param hashes of the prompt, any of which will do */
  isOf(message: StoredMessage, hashes: ReadonlySet<string>): boolean {
    const known = this.#hashesOf(message);
    return [...hashes].some((hash) => known.has(hash));
  }

  #hashesOf(message: StoredMessage): ReadonlySet<string> {
    const { textSha256 } = message.receipt;
    const before = this.#known.get(message.messageId);
    if (before?.textSha256 === textSha256) return before.hashes;
    const hashes = promptHashes(typedText(message));
    this.#known.set(message.messageId, { textSha256, hashes });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    return hashes;
  }
}
