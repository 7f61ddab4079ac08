import type { StoredMessage } from "@mosaic/core";

/** Turns remembered at most; only the newest can be told again. */
const MAX_TURNS = 10_000;

/** Which turn took which text: an agent that is not sure whether it was heard says it again, and then it must not count for the
 *  next message of the same text. */
export class TakenTurns {
  readonly #keys = new Set<string>();

  /** @param messages what is known from before */
  constructor(messages: Iterable<Pick<StoredMessage, "receipt">>) {
    for (const { receipt } of messages) this.add(receipt.agent?.name ?? "", receipt.turnId, receipt.textSha256);
  }

  has(agentName: string, turnId: string, textSha256: string): boolean {
    return turnId !== "" && this.#keys.has(keyOf(agentName, turnId, textSha256));
  }

  /** A turn without an id can't be told from others and is not remembered. */
  add(agentName: string, turnId: string, textSha256: string): void {
    if (turnId === "") return;
    this.#keys.add(keyOf(agentName, turnId, textSha256));
    if (this.#keys.size > MAX_TURNS) this.#keys.delete(this.#keys.keys().next().value ?? "");
  }
}

// Runtimes number their turns as they like; two agents may well have the same.
function keyOf(agentName: string, turnId: string, textSha256: string): string {
  return JSON.stringify([agentName, turnId, textSha256]);
}
