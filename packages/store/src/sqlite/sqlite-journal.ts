import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { MosaicError } from "@mosaic/core";
import type { CommitResult, Journal, Opening, Trouble, Write } from "../journal.ts";
import { unavailable } from "../write-queue.ts";
import { takeProcessLock } from "./process-lock.ts";
import { RecordReader } from "./record-reader.ts";
import { damageTrouble, failureTrouble, lowSpaceTrouble, newerTrouble } from "./sqlite-trouble.ts";
import { WorkerLink } from "./worker-link.ts";
import type { WorkerAnswer, WorkerOptions } from "./worker-messages.ts";

/** Records in an SQLite file: a worker thread checks and writes it, this one reads it. */
export class SqliteJournal implements Journal {
  readonly #path: string;
  readonly #link: WorkerLink;
  #lock: Disposable | undefined;
  #reader: RecordReader | undefined;

  constructor(options: WorkerOptions) {
    this.#path = options.path;
    this.#link = new WorkerLink(options);
  }

  async open(): Promise<Opening> {
    const obstacle = this.#claim();
    if (obstacle instanceof MosaicError) throw obstacle;
    const answer = obstacle ?? (await this.#link.ask({ kind: "open" }));
    const trouble = this.#troubleOf(answer);
    try {
      if (answer.kind === "unusable") return this.#salvage(answer.isNewer, trouble);
      const reader = this.#openReader();
      return { records: reader.all(), lastSequence: reader.lastSequence(), trouble, isComplete: true };
    } catch (thrown) {
      const found = failureTrouble(this.#path, toFailure(thrown));
      if (found.isLasting) return this.#salvage(false, found);
      return { records: [], lastSequence: 0, trouble: trouble ?? found, isComplete: false };
    }
  }

  async commit(writes: readonly Write[]): Promise<CommitResult> {
    const obstacle = this.#claim();
    if (obstacle instanceof MosaicError) return { kind: "failed", trouble: toTrouble(obstacle), isDoubtful: false };
    const answer = obstacle ?? (await this.#link.ask({ kind: "commit", writes }));
    const trouble = this.#troubleOf(answer);
    if (answer.kind === "done" && this.#reader?.isFrozen) this.#closeReader();
    if (answer.kind === "done" || trouble === undefined) return { kind: "done", addsRefused: trouble };
    return { kind: "failed", trouble, isDoubtful: answer.kind === "failed" && answer.isDoubtful };
  }

  readText(sequence: number): string {
    let text: string | undefined;
    try {
      text = this.#openReader().text(sequence);
    } catch (thrown) {
      throw unavailable(failureTrouble(this.#path, toFailure(thrown)));
    }
    if (text === undefined)
      throw new MosaicError("STORE_UNAVAILABLE", `the text of message ${sequence} is not in "${this.#path}"`);
    return text;
  }

  damage(what: string): Trouble {
    return damageTrouble(this.#path, what);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closeReader();
    await this.#link.close();
    this.#lock?.[Symbol.dispose]();
    this.#lock = undefined;
  }

  // On a read-only disk there may be no lock to take; it is taken before anything is written.
  #claim(): WorkerAnswer | MosaicError | undefined {
    if (this.#lock) return undefined;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      this.#lock = takeProcessLock(this.#path);
      return undefined;
    } catch (thrown) {
      if (thrown instanceof MosaicError) return thrown;
      return { kind: "failed", failure: toFailure(thrown), isDoubtful: false };
    }
  }

  #openReader(): RecordReader {
    this.#reader ??= new RecordReader(this.#path);
    return this.#reader;
  }

  #closeReader(): void {
    this.#reader?.[Symbol.dispose]();
    this.#reader = undefined;
  }

  #salvage(isNewer: boolean, trouble: Trouble | undefined): Opening {
    // Of a newer file nobody here knows what its tables mean.
    const records = isNewer ? [] : this.#trySalvage();
    return { records, lastSequence: records.at(-1)?.sequence ?? 0, trouble, isComplete: true };
  }

  #trySalvage(): Opening["records"] {
    try {
      return this.#openReader().salvage();
    } catch {
      // Nothing at all can be read; that it is damaged is told already.
      return [];
    }
  }

  #troubleOf(answer: WorkerAnswer): Trouble | undefined {
    if (answer.kind === "failed") return failureTrouble(this.#path, answer.failure);
    if (answer.kind === "unusable") return (answer.isNewer ? newerTrouble : damageTrouble)(this.#path, answer.why);
    return answer.lowSpace && lowSpaceTrouble(this.#path, answer.lowSpace);
  }
}

function toFailure(thrown: unknown): { sqliteCode: number | undefined; systemCode: string | undefined; message: string } {
  const { errcode, code, message } = thrown as Error & { errcode?: number; code?: string };
  return { sqliteCode: errcode, systemCode: errcode === undefined ? code : undefined, message };
}

function toTrouble({ message, hint = "" }: MosaicError): Trouble {
  return { reason: message, hint, isLasting: false };
}
