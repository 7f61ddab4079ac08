import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../make-folder.ts";
import { rotate } from "./event-files.ts";

export interface EventWriterOptions {
  readonly path: string;
  readonly maxFileBytes: number;
  readonly maxFiles: number;
}

const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
const LINE_END = 0x0a;

/** Appends whole lines to the file of a journal, and puts it aside when it is full. */
export class EventWriter implements AsyncDisposable {
  readonly #options: EventWriterOptions;
  #file: FileHandle | undefined;
  #size = 0;
  #endsInLine = false;

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  /** On disk when it resolves.
   *  @param text lines of ASCII, each with its line break
   *  @throws the system's error; then none of it is there, or the last of what is there is no whole line */
  async append(text: string): Promise<void> {
    try {
      await this.#write(text);
    } catch (thrown) {
      // Opened anew next time: what became of the file is looked at then.
      await this[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    // What was written is on disk, or was said not to be.
    await file?.close().catch(() => {});
  }

  async #write(text: string): Promise<void> {
    const { path, maxFileBytes, maxFiles } = this.#options;
    let file = this.#file ?? (await this.#open());
    if (this.#size > 0 && this.#size + text.length > maxFileBytes) {
      await this[Symbol.asyncDispose]();
      await rotate(path, maxFiles);
      file = await this.#open();
    }
    const bytes = Buffer.from(`${this.#endsInLine ? "\n" : ""}${text}`);
    await file.appendFile(bytes).catch(async (error: unknown) => {
      // Half of it would say nothing; where it stays all the same, the next line begins on its own.
      await file.truncate(this.#size).catch(() => {});
      throw error;
    });
    this.#size += bytes.length;
    this.#endsInLine = false;
    await file.datasync();
  }

  async #open(): Promise<FileHandle> {
    const { path } = this.#options;
    await makeFolder(dirname(path));
    const file = await open(path, APPEND, 0o600);
    this.#file = file;
    const { size } = await file.stat();
    this.#size = size;
    const { buffer } = size === 0 ? { buffer: Buffer.of(LINE_END) } : await file.read(Buffer.alloc(1), 0, 1, size - 1);
    this.#endsInLine = buffer[0] !== LINE_END;
    return file;
  }
}
