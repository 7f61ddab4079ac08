import type { MessageStore, StoredMessage } from "@mosaic/core";

type NewMessage = Omit<StoredMessage, "sequence">;
/** What became of a message that was to be added. */
export type Added = Awaited<ReturnType<MessageStore["add"]>>;

export interface AdditionsDeps {
  /** The message that is held under an id. */
  readonly known: (messageId: string) => StoredMessage | undefined;
  /** Makes a message durable. */
  readonly take: (message: NewMessage) => Promise<Added>;
}

/** The messages on their way into a store: each id is taken once, also when it comes again before the first is on disk. */
export class Additions {
  readonly #deps: AdditionsDeps;
  readonly #underWay = new Map<string, Promise<Added>>();

  constructor(deps: AdditionsDeps) {
    this.#deps = deps;
  }

  /** How many are under way. */
  get size(): number {
    return this.#underWay.size;
  }

  /** Adds a message, or answers with the one of its id.
   *  @throws what `take` throws, to everybody who added it at once */
  async add(message: NewMessage): Promise<Added> {
    const { messageId } = message;
    const known = this.#deps.known(messageId);
    if (known !== undefined) return { message: known, isNew: false };
    const twin = this.#underWay.get(messageId);
    if (twin !== undefined) return { ...(await twin), isNew: false };
    const adding = this.#deps.take(message).finally(() => this.#underWay.delete(messageId));
    this.#underWay.set(messageId, adding);
    return await adding;
  }

  /** Resolves when nothing is under way for an id, whether it was taken or not. */
  async settled(messageId: string): Promise<void> {
    // Whoever adds it hears why it was not taken.
    await this.#underWay.get(messageId)?.catch(() => {});
  }
}
