import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { runCli } from "../../cli.ts";
import { type MemoryIo, type MemoryIoOptions, memoryIo } from "../../io/memory-io.ts";

export interface RecordedFile {
  readonly text: string;
  /** When it was last written, in ms of wall time. Default: now. */
  readonly modifiedUnixMs?: number;
}

export interface RecordingsHome {
  readonly folder: string;
  readonly sessions: string;
  /** Puts a recording there. @param path for example `lead/20251121T100000500Z-3f9a1c` */
  add(path: string, file: RecordedFile): Promise<void>;
  /** Runs `mosaic sessions …` on that home. */
  run(argv: readonly string[], options?: MemoryIoOptions): { readonly io: MemoryIo; readonly ended: Promise<number> };
}

/** A MOSAIC_HOME of its own for one test. */
export async function recordingsHome(context: TestContext): Promise<RecordingsHome> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-sessions-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const sessions = join(folder, "fleet/sessions");
  return {
    folder,
    sessions,
    async add(path, { text, modifiedUnixMs }) {
      const target = join(sessions, `${path}.cast`);
      await mkdir(join(target, ".."), { recursive: true, mode: 0o700 });
      await writeFile(target, text, { mode: 0o600 });
      if (modifiedUnixMs !== undefined) await utimes(target, modifiedUnixMs / 1000, modifiedUnixMs / 1000);
    },
    run(argv, options) {
      const io = memoryIo(options);
      return { io, ended: runCli(["sessions", ...argv, "--mosaic-home", folder], io) };
    },
  };
}

/** The text of a recording of an 80 by 24 terminal. @param events seconds, code and data */
export function castText(...events: readonly (readonly [number, string, string])[]): string {
  const header = '{"version": 2, "width": 80, "height": 24, "timestamp": 1763719200, "title": "team-a/alpha/lead"}';
  return `${[header, ...events.map((event) => JSON.stringify(event))].join("\n")}\n`;
}
