import { open } from "node:fs/promises";
import type { RuntimeAdapter } from "@mosaic/runtimes";
import type { Heard } from "./spool-reader.ts";

/** Follows the conversation file that an agent named in one of its events. */
export class TranscriptReader {
  readonly #adapter: RuntimeAdapter;
  readonly #offsets = new Map<string, number>();

  constructor(adapter: RuntimeAdapter) {
    this.#adapter = adapter;
  }

  /** What the whole lines tell that were added since the last call. @param heard names the file */
  async more(heard: readonly Heard[]): Promise<Heard[]> {
    const path = heard.findLast(({ report }) => report?.transcriptPath !== undefined)?.report?.transcriptPath;
    const { hearTranscript } = this.#adapter;
    if (path === undefined || hearTranscript === undefined) return [];
    const offset = this.#offsets.get(path) ?? 0;
    const added = await readFrom(path, offset);
    const whole = added.subarray(0, added.lastIndexOf("\n") + 1);
    this.#offsets.set(path, offset + whole.length);
    const lines = whole.toString("utf8").split("\n");
    return lines.flatMap((line) => {
      const report = hearTranscript(line);
      return report === undefined ? [] : [{ payload: line, atUnixMs: Date.now(), report }];
    });
  }
}

async function readFrom(path: string, offset: number): Promise<Buffer> {
  // It is made with the first prompt.
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return Buffer.alloc(0);
  try {
    const length = Math.max(0, (await file.stat()).size - offset);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
