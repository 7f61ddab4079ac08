import { type FileStore, MosaicError } from "@mosaic/core";

export interface JsonStateOptions<T> {
  readonly path: string;
  readonly files: FileStore;
  /** What is kept, for people: `membership`. */
  readonly what: string;
  /** Name and version of the shape, written into the file: `mosaic.membership.v1`. */
  readonly schema: string;
  readonly empty: T;
  /** Checks what was read. @throws Error that says what is wrong */
  readonly parse: (value: unknown) => T;
}

/** Something small that is kept in a file of JSON, replaced whole with each change: it is the old one or the new one after a crash,
 *  and a person can read and mend it. One process. */
export class JsonState<T extends object> {
  readonly #options: JsonStateOptions<T>;
  #value: T | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: JsonStateOptions<T>) {
    this.#options = options;
  }

  /** What is kept. A file that can't be used is left as it is, and looked at again the next time.
   *  @throws MosaicError STORE_UNAVAILABLE */
  async read(): Promise<T> {
    this.#value ??= await this.#load();
    return this.#value;
  }

  /** Changes what is kept, one change after the other; on disk when it resolves.
   *  @param change gives what is to be kept now (undefined: nothing changes), and what is done when it is
   *  @throws MosaicError STORE_UNAVAILABLE; then nothing has changed */
  change<R>(change: (value: T) => { readonly value?: T | undefined; readonly done: () => R }): Promise<R> {
    const changing = this.#last.then(async () => {
      const { value, done } = change(await this.read());
      if (value !== undefined) await this.#write(value);
      return done();
    });
    this.#last = changing.catch(() => {});
    return changing;
  }

  /** Resolves when no change is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #load(): Promise<T> {
    const { files, path, empty } = this.#options;
    const text = await files.read(path).catch((thrown: unknown) => this.#refuse(MosaicError.from(thrown).message, thrown));
    if (text === undefined) return empty;
    try {
      return this.#parse(text);
    } catch (thrown) {
      return this.#refuse((thrown as Error).message, thrown);
    }
  }

  #parse(text: string): T {
    const { schema, parse } = this.#options;
    const value: unknown = JSON.parse(text);
    const found = typeof value === "object" && value !== null && "schema" in value ? value.schema : undefined;
    if (found !== schema) throw new Error(`its schema is ${JSON.stringify(found)}, and this Mosaic knows "${schema}"`);
    return parse(value);
  }

  async #write(value: T): Promise<void> {
    const { files, path, schema } = this.#options;
    const text = `${JSON.stringify({ schema, ...value }, undefined, 2)}\n`;
    await files.write(path, text, 0o600).catch((thrown: unknown) => this.#refuse(MosaicError.from(thrown).message, thrown));
    this.#value = value;
  }

  #refuse(why: string, cause: unknown): never {
    const { what, path } = this.#options;
    throw new MosaicError("STORE_UNAVAILABLE", `the ${what} in "${path}" can't be used: ${why}`, {
      hint: "mend the file, or move it away to begin anew; look at the disk: df -h",
      cause,
    });
  }
}
