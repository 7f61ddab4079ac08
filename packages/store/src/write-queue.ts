import { MosaicError } from "@mosaic/core";
import type { CommitResult, Journal, Trouble, Write } from "./journal.ts";

/** Most that is written in one commit, so that nobody waits long for it. */
const MAX_WRITES = 1024;
const MAX_TEXT_BYTES = 8 * 1024 * 1024;

export interface WriteQueueDeps {
  readonly journal: Pick<Journal, "commit">;
  /** What puts a message back as it is known to be, after a write of it that ended in doubt. */
  readonly undo: (write: Write) => Write;
  /** Hears after each commit whether there is trouble. */
  readonly onOutcome: (trouble: Trouble | undefined) => void;
}

interface Entry {
  readonly write: Write;
  readonly apply: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Writes in groups: what comes in the same tick, or while a commit is under way, goes into the next one. Nothing is held
 *  back for company: alone, a write is on its way at once. */
export class WriteQueue {
  readonly #deps: WriteQueueDeps;
  #waiting: Entry[] = [];
  #running: Promise<void> | undefined;
  /** Of the last commit that ended in doubt. They are put right before anything else is written. */
  #doubtful: readonly Write[] = [];

  constructor(deps: WriteQueueDeps) {
    this.#deps = deps;
  }

  /** Writes, then calls `apply`, in the order of the calls.
   *  @returns resolves when it is on disk and applied
   *  @throws MosaicError STORE_UNAVAILABLE; then it was not applied */
  push(write: Write, apply: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, apply, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#commit(this.#takeGroup());
    this.#running = undefined;
  }

  #takeGroup(): Entry[] {
    let bytes = 0;
    const isTooMany = ({ write }: Entry, index: number) => {
      bytes += write.kind === "add" ? write.record.text.length : 0;
      return index > 0 && (index >= MAX_WRITES || bytes > MAX_TEXT_BYTES);
    };
    const end = this.#waiting.findIndex(isTooMany);
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #commit(group: readonly Entry[]): Promise<void> {
    const settled = await this.#settleDoubt();
    const result = settled.kind === "failed" ? settled : await this.#deps.journal.commit(group.map(({ write }) => write));
    if (result.kind === "failed" && result !== settled && result.isDoubtful) this.#doubtful = group.map(({ write }) => write);
    const trouble = result.kind === "failed" ? result.trouble : result.addsRefused;
    this.#deps.onOutcome(trouble);
    for (const entry of group) {
      if (trouble !== undefined && (result.kind === "failed" || entry.write.kind === "add")) entry.reject(unavailable(trouble));
      else finish(entry);
    }
  }

  async #settleDoubt(): Promise<CommitResult> {
    if (this.#doubtful.length === 0) return { kind: "done", addsRefused: undefined };
    const result = await this.#deps.journal.commit(this.#doubtful.map(this.#deps.undo));
    if (result.kind === "done") this.#doubtful = [];
    return result;
  }
}

/** The error of who can't write. */
export function unavailable({ reason, hint }: Trouble): MosaicError {
  return new MosaicError("STORE_UNAVAILABLE", reason, { hint });
}

function finish({ apply, resolve, reject }: Entry): void {
  try {
    apply();
    resolve();
  } catch (thrown) {
    reject(thrown);
  }
}
