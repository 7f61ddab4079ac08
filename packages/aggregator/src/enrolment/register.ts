import type { FileStore } from "@mosaic/core";
import { EMPTY_REGISTER, formatRegister, parseRegister, type RegisterState } from "@mosaic/identity";

/** The durable memory of enrolment: one small file, replaced as a whole. Only one process may have it. */
export class Register {
  readonly #files: FileStore;
  readonly #path: string;
  readonly #listeners = new Set<() => void>();
  #state: RegisterState;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(files: FileStore, path: string, state: RegisterState) {
    this.#files = files;
    this.#path = path;
    this.#state = state;
  }

  /** Reads the file, or begins with none.
   *  @throws MosaicError MACHINE for a file that is there and can't be read: to begin anew would let used invitations in again */
  static async open(files: FileStore, path: string): Promise<Register> {
    const text = await files.read(path);
    return new Register(files, path, text === undefined ? EMPTY_REGISTER : parseRegister(text, path));
  }

  get state(): RegisterState {
    return this.#state;
  }

  /** Runs one change after the other: it looks at the state, and what it `keep`s is on disk before it goes on. What it throws is
   *  thrown to the caller, and what was kept before stays. */
  change<Value>(work: (state: RegisterState, keep: (next: RegisterState) => Promise<void>) => Promise<Value>): Promise<Value> {
    const keep = async (next: RegisterState) => {
      await this.#files.write(this.#path, formatRegister(next), 0o600);
      this.#state = next;
      for (const listener of this.#listeners) listener();
    };
    const run = () => work(this.#state, keep);
    const result = this.#last.then(run, run);
    // Whoever asked hears of it; the next in line does not.
    this.#last = result.catch(() => {});
    return result;
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}
