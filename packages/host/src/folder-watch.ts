import { existsSync, type FSWatcher, watch } from "node:fs";
import { basename, dirname, relative, resolve, sep } from "node:path";

export interface FolderWatchListeners {
  /** Something in the folder changed: the entry's name where the system tells it. */
  onChange(entry: string | undefined): void;
  /** The system refused to watch, for example because its limit of watches is reached; nothing more comes. */
  onFailure(error: Error): void;
}

/** Watches the entries of a folder. One that does not exist is watched from the moment it appears, and again when it was
 *  replaced; its appearing is told as a change without a name. */
export function startFolderWatch(directory: string, listeners: FolderWatchListeners): Disposable {
  const state = new FolderWatch(resolve(directory), listeners);
  state.arm();
  return state;
}

// A folder that comes and goes faster than this many looks is left to the slow re-read.
const MAX_ARM_TRIES = 10;

/** States: watching the folder itself; watching its nearest existing ancestor until the next part of the path appears;
 *  over (disposed or failed). Every event that may end the first two leads to {@link arm} again. */
class FolderWatch implements Disposable {
  readonly #directory: string;
  readonly #listeners: FolderWatchListeners;
  #watcher: FSWatcher | undefined;
  #isOver = false;

  constructor(directory: string, listeners: FolderWatchListeners) {
    this.#directory = directory;
    this.#listeners = listeners;
  }

  arm(): void {
    this.#watcher?.close();
    for (let tries = 0; tries < MAX_ARM_TRIES && !this.#isOver; tries += 1) {
      const target = nearestFolder(this.#directory);
      if (!this.#watch(target)) continue;
      // What appeared between the look and the watch was not notified.
      if (nearestFolder(this.#directory) === target) return;
      this.#watcher?.close();
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#watcher?.close();
  }

  #watch(target: string): boolean {
    try {
      this.#watcher = watch(target, (event, entry) => this.#onEvent(target, event, entry ?? undefined));
      this.#watcher.on("error", (error) => this.#fail(error));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.#fail(error as Error);
      return false;
    }
  }

  #onEvent(target: string, event: string, entry: string | undefined): void {
    if (this.#isOver) return;
    if (target !== this.#directory) return this.#onAncestorEvent(target, entry);
    this.#listeners.onChange(entry);
    // This is how the removal or move of the folder itself is told. An entry of the folder's own name looks the same, and
    // then arming again does no harm.
    if (event === "rename" && (entry === undefined || entry === basename(this.#directory))) this.arm();
  }

  #onAncestorEvent(target: string, entry: string | undefined): void {
    const [next] = relative(target, this.#directory).split(sep);
    if (entry !== undefined && entry !== next && entry !== basename(target)) return;
    this.arm();
    if (existsSync(this.#directory)) this.#listeners.onChange(undefined);
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this[Symbol.dispose]();
    this.#listeners.onFailure(error);
  }
}

function nearestFolder(directory: string): string {
  let folder = directory;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
