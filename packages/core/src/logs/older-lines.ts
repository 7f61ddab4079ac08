import { LogLevel, type LogLine } from "@mosaic/wire";
import type { ArchivedLine } from "../ports/log-archive.ts";
import { roleOfLine, toLogLine } from "./log-line.ts";

/** Reads what was written before the lines that a daemon still holds: those of earlier lives too. A line that says no time has
 *  that of the line before it, so that a stack stays where it belongs.
 *  @param archived oldest first, and reaching as far as the held lines
 *  @param oldestHeld the first line that is held; undefined: none is, so that all are older
 *  @param role whose lines count; another daemon may write to the same place */
export function olderLines(archived: readonly ArchivedLine[], oldestHeld: string | undefined, role: string): LogLine[] {
  const older: LogLine[] = [];
  let lastUnixMs = 0;
  for (const { text, atUnixMs, isAbout } of archived.slice(0, endOf(archived, oldestHeld))) {
    const writer = roleOfLine(text);
    if (writer !== undefined && writer !== role) continue;
    const line = toLogLine(text, atUnixMs || lastUnixMs, isAbout ? LogLevel.INFO : LogLevel.ERROR);
    lastUnixMs = Number(line.timeUnixMs);
    older.push(line);
  }
  return older;
}

/** Where the held lines begin: at the very same line, else at the first that is not older than it. */
function endOf(archived: readonly ArchivedLine[], oldestHeld: string | undefined): number {
  if (oldestHeld === undefined) return archived.length;
  const same = archived.findIndex(({ text }) => text === oldestHeld);
  if (same >= 0) return same;
  const heldSince = toLogLine(oldestHeld).timeUnixMs;
  const later = archived.findIndex(({ text }) => toLogLine(text).timeUnixMs >= heldSince);
  return later >= 0 ? later : archived.length;
}
