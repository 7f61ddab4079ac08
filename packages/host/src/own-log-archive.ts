import { fstat as fstatOf } from "node:fs";
import { open, readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";
import type { ArchivedLine, LogArchive } from "@mosaic/core";
import { journalLines } from "./journal.ts";
import { environment } from "./machine.ts";

/** Standard error, where daemons write their log. */
const LOG_FD = 2;
/** Of a file the end is read, at most this much. */
const TAIL_BYTES = 2 * 1024 * 1024;
const fstat = promisify(fstatOf);

/** Finds where this process's own log goes: the file or the journal behind its standard error.
 *  @returns undefined where nobody can read it back: a terminal, a pipe, /dev/null */
export async function ownLogArchive(): Promise<LogArchive | undefined> {
  const stats = await fstat(LOG_FD);
  if (stats.isFile()) return fileArchive(await readlink(`/proc/self/fd/${LOG_FD}`));
  if (environment("JOURNAL_STREAM") !== `${stats.dev}:${stats.ino}`) return undefined;
  const unit = await ownUnit();
  return unit === undefined ? undefined : journalArchive(unit);
}

/** The end of a file, line by line. One that is gone has no lines. */
export function fileArchive(path: string): LogArchive {
  return {
    async read(maxLines) {
      const text = await tailOf(path);
      const lines = text.split("\n").filter((line) => line !== "");
      return lines.slice(-maxLines).map((line) => ({ text: line, atUnixMs: 0, isAbout: false }));
    },
  };
}

/** What the journal has of a unit of this user, and what systemd said about it. */
export function journalArchive(unit: string): LogArchive {
  return {
    async read(maxLines, signal) {
      const found: ArchivedLine[] = [];
      const env = { PATH: environment("PATH") ?? "/usr/bin:/bin" };
      for await (const entry of journalLines({ units: [unit], lines: maxLines, isFollowing: false, env, signal })) {
        const line = parseEntry(entry);
        if (line) found.push(line);
      }
      return found;
    },
  };
}

/** Reads an entry as `journalctl --output=json` prints it; undefined for what is none. */
export function parseEntry(text: string): ArchivedLine | undefined {
  try {
    const { MESSAGE: message, __REALTIME_TIMESTAMP: micros, USER_UNIT: about } = JSON.parse(text) as Record<string, unknown>;
    // What is not UTF-8 comes as numbers.
    const words = Array.isArray(message) ? Buffer.from(message as number[]).toString("utf8") : String(message ?? "");
    const atUnixMs = Math.floor(Number(micros) / 1000);
    return { text: words, atUnixMs: Number.isFinite(atUnixMs) ? atUnixMs : 0, isAbout: about !== undefined };
  } catch {
    // A journal that was cut off in the middle of an entry has the entries before it all the same.
    return undefined;
  }
}

async function tailOf(path: string): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  // Moved or removed while the daemon writes on: what it still holds in memory is all there is.
  if (!file) return "";
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.subarray(0, bytesRead).toString("utf8");
    // The first line of a part is the end of one.
    return length < size ? text.slice(text.indexOf("\n") + 1) : text;
  } finally {
    await file.close();
  }
}

// Where there is no such file, there is no systemd that could have a journal.
async function ownUnit(): Promise<string | undefined> {
  return unitIn(await readFile("/proc/self/cgroup", "utf8").catch(() => ""));
}

/** Finds the unit that a process is in, by its control groups; undefined: it is in none. */
export function unitIn(groups: string): string | undefined {
  // Older systems have a line for each controller, of which only systemd's own goes down to the unit.
  return /^(?:0:|\d+:name=systemd):.*\/([^/\n]+\.service)$/m.exec(groups)?.[1];
}
