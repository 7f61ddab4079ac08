import { type FileStore, MosaicError, type SpooledEvent } from "@mosaic/core";
import type { HookFiles } from "../agent-side.ts";

/** The files between agents and their node, in memory. */
export class TestHookFiles implements HookFiles {
  readonly home = "/home/ada";
  readonly events = new Map<string, SpooledEvent>();
  readonly aside: string[] = [];
  readonly texts = new Map<string, string>();
  readonly conversations = new Map<string, string>();
  /** While set, nothing can be written. */
  failure: MosaicError | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #growth = new Map<string, Set<() => void>>();

  /** An agent's hook leaves an event. */
  leave(name: string, payload: unknown, modifiedUnixMs = Date.now()): void {
    this.events.set(name, { text: typeof payload === "string" ? payload : JSON.stringify(payload), modifiedUnixMs });
    for (const listener of [...this.#listeners]) listener();
  }

  /** A runtime writes on in its conversation. */
  append(path: string, text: string): void {
    this.conversations.set(path, (this.conversations.get(path) ?? "") + text);
    for (const listener of [...(this.#growth.get(path) ?? [])]) listener();
  }

  readonly spool: HookFiles["spool"] = {
    list: async (limit) => [...this.events.keys()].sort().slice(0, limit),
    read: async (name) => {
      const event = this.events.get(name);
      if (event?.text === "a pipe") throw new MosaicError("USAGE", "it is no file");
      return event;
    },
    remove: async (name) => void this.events.delete(name),
    setAside: async (name) => {
      this.events.delete(name);
      this.aside.push(name);
    },
    onChange: (listener) => {
      this.#listeners.add(listener);
      return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
    },
  };

  readonly transcripts: HookFiles["transcripts"] = {
    size: async (path) => this.#bytes(path)?.length,
    read: async (path, fromByte, maxBytes) => this.#bytes(path)?.subarray(fromByte, fromByte + maxBytes) ?? new Uint8Array(),
    onGrowth: (path, listener) => {
      const listeners = this.#growth.get(path) ?? new Set();
      this.#growth.set(path, listeners.add(listener));
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };

  readonly files: FileStore = {
    read: async (path) => this.texts.get(path),
    write: async (path, text) => {
      if (this.failure) throw this.failure;
      this.texts.set(path, text);
    },
    remove: async (path) => void this.texts.delete(path),
    list: async (directory) => [...this.texts.keys()].filter((path) => path.startsWith(`${directory}/`)).sort(),
  };

  #bytes(path: string): Uint8Array | undefined {
    const text = this.conversations.get(path);
    return text === undefined ? undefined : new TextEncoder().encode(text);
  }
}
