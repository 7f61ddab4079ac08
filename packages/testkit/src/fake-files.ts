import type { WatchedFiles } from "@mosaic/core";

/** Files in memory that tell of their changes. Notifications come in a later turn, as they do from a kernel. */
export class FakeFiles implements WatchedFiles {
  readonly #texts = new Map<string, string>();
  readonly #listeners = new Map<string, Set<(entry: string | undefined) => void>>();
  /** While set, every read and listing throws it. */
  failure: Error | undefined;
  /** False: changes are not told, as on a file system without notifications. */
  canNotify = true;

  /** Replaces a file and tells who follows its folder. */
  write(path: string, text: string): void {
    this.#texts.set(path, text);
    this.#notify(path);
  }

  remove(path: string): void {
    this.#texts.delete(path);
    this.#notify(path);
  }

  async list(directory: string, suffix: string): Promise<readonly string[]> {
    if (this.failure) throw this.failure;
    const names = [...this.#texts.keys()].filter((path) => folderOf(path) === directory).map(nameOf);
    return names.filter((name) => name.endsWith(suffix));
  }

  async read(path: string, maxBytes: number): Promise<string | undefined> {
    if (this.failure) throw this.failure;
    const text = this.#texts.get(path);
    if (text !== undefined && Buffer.byteLength(text) > maxBytes) throw new Error(`${path} is larger than ${maxBytes} bytes`);
    return text;
  }

  onChange(directory: string, listener: (entry: string | undefined) => void): Disposable {
    const listeners = this.#listeners.get(directory) ?? new Set();
    this.#listeners.set(directory, listeners.add(listener));
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  }

  /** How many follow a folder now. */
  listenerCount(directory: string): number {
    return this.#listeners.get(directory)?.size ?? 0;
  }

  #notify(path: string): void {
    if (!this.canNotify) return;
    queueMicrotask(() => {
      for (const listener of [...(this.#listeners.get(folderOf(path)) ?? [])]) listener(nameOf(path));
    });
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
