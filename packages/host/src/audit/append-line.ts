import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { AuditChainEnd, AuditHead, Clock } from "@mosaic/core";
import { machineFailure } from "../machine-failure.ts";
import { makeFolder } from "../make-folder.ts";
import { auditFiles, putAside } from "./audit-files.ts";
import { withAuditHead } from "./audit-head.ts";
import { EMPTY_HEAD, lineHash, placeOf } from "./chain.ts";

export interface AppendOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly maxFileBytes?: number | undefined;
}

/** Largest line, in bytes: appends of this size are not mixed with those of another process. */
export const MAX_LINE_BYTES = 4096;
/** A link in its place is an error (ELOOP): records go where the log is, and nowhere else. */
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Makes the next line from where the chain stands; undefined: nothing is to be written. */
export type ToLine = (end: AuditChainEnd) => string | undefined;

/** Adds lines to an audit log while no other process does, with one fsync. They are on disk when this resolves.
 *  @returns what became of the first of them: undefined, or what its `toLine` threw. As many as fit into the file, at least one; the
 *  others are to be added next
 *  @throws MosaicError MACHINE when they can't be written; then nothing of them stays */
export async function appendLines(options: AppendOptions, toLines: readonly ToLine[]): Promise<readonly unknown[]> {
  const { path, clock } = options;
  let outcomes: readonly unknown[] = [];
  try {
    await makeFolder(dirname(path));
    await withAuditHead(path, clock, async (kept) => {
      // Appending: also what another process writes meanwhile stays.
      await using file = await open(path, APPEND, 0o600);
      const written = await writeTo(file, options, kept, toLines);
      outcomes = written.outcomes;
      return written.head;
    });
  } catch (cause) {
    throw machineFailure(`cannot write the audit log "${path}"`, cause);
  }
  return outcomes;
}

interface Written {
  readonly head: AuditHead;
  readonly outcomes: readonly unknown[];
}

async function writeTo(
  file: FileHandle,
  { path, clock, maxFileBytes = MAX_FILE_BYTES }: AppendOptions,
  kept: AuditHead | undefined,
  toLines: readonly ToLine[],
): Promise<Written> {
  const { size } = await file.stat();
  const end = size === 0 ? await endOfFilesBefore(path) : await endOf(file, size);
  const start = newest(kept, end.head);
  const room = maxFileBytes - size - (end.isLineEnd ? 0 : 1);
  const made = makeLines({ head: start, lastLine: end.lastLine }, toLines, room, () => clock.nowUnixMs());
  if (made.text === "") return made;
  const bytes = Buffer.from(`${end.isLineEnd ? "" : "\n"}${made.text}`);
  if (size > 0 && made.text.length > room && (await putAside(path, start.index))) {
    await using next = await open(path, APPEND, 0o600);
    await write(next, 0, Buffer.from(made.text));
  } else await write(file, size, bytes);
  if (size === 0 || made.text.length > room) await syncFolder(dirname(path));
  return made;
}

/** Lines one after the other, until there is no room for the next one; the first is taken in any case. */
function makeLines(
  begin: Pick<AuditChainEnd, "head" | "lastLine">,
  toLines: readonly ToLine[],
  room: number,
  nowUnixMs: () => number,
): Written & { readonly text: string } {
  let { head, lastLine } = begin;
  let text = "";
  const outcomes: unknown[] = [];
  for (const toLine of toLines) {
    try {
      const line = toLine({ head, lastLine, nowUnixMs: nowUnixMs() });
      // Lines are ASCII: as many bytes.
      if (line !== undefined && text !== "" && text.length + line.length + 1 > room) break;
      outcomes.push(undefined);
      if (line === undefined) continue;
      text += `${line}\n`;
      head = { index: head.index + 1, hash: lineHash(line) };
      lastLine = line;
    } catch (thrown) {
      outcomes.push(thrown);
    }
  }
  return { head, outcomes, text };
}

// In one call, unless the disk fills up in the middle: then the next one says so.
async function write(file: FileHandle, size: number, bytes: Uint8Array): Promise<void> {
  await file.writeFile(bytes).catch(async (error: unknown) => {
    // One that stays all the same does not swallow the next line: see endOf.
    await takeBack(file, size, bytes).catch(() => {});
    throw error;
  });
  await file.sync();
}

// The file may be ahead, when its writer ended before it kept the place; and behind, when somebody cut its end off, which
// must not look as if nothing had been there. Of two that stand at the same record the kept one is as it was written.
function newest(kept: AuditHead | undefined, written: AuditHead | undefined): AuditHead {
  if (kept === undefined || kept.index < (written?.index ?? 0)) return written ?? EMPTY_HEAD;
  return kept;
}

// A part of a line says nothing, and readers trip over it. What somebody else wrote behind it meanwhile stays.
async function takeBack(file: FileHandle, size: number, bytes: Uint8Array): Promise<void> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes.length), 0, bytes.length, size);
  const isOurs = Buffer.from(bytes).subarray(0, bytesRead).equals(buffer.subarray(0, bytesRead));
  if (isOurs && bytesRead > 0) await file.truncate(size);
}

interface FileEnd {
  readonly isLineEnd: boolean;
  readonly head: AuditHead | undefined;
  readonly lastLine: string | undefined;
}

// A crash or a full disk may have left half a line, which must not swallow the next one.
async function endOf(file: FileHandle, size: number): Promise<FileEnd> {
  // Two lines: the last one may be half of one.
  const length = Math.min(size, 2 * MAX_LINE_BYTES);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  const lastLine = buffer
    .toString("utf8")
    .split("\n")
    .findLast((line) => placeOf(line) !== undefined);
  return { isLineEnd: buffer[length - 1] === 0x0a, head: lastLine === undefined ? undefined : placeOf(lastLine), lastLine };
}

// So that a chain goes on also when the place that was kept is lost just then.
async function endOfFilesBefore(path: string): Promise<FileEnd> {
  const before = (await auditFiles(path)).filter((each) => each !== path).at(-1);
  if (before === undefined) return { isLineEnd: true, head: undefined, lastLine: undefined };
  await using file = await open(before, "r");
  const { size } = await file.stat();
  return { ...(size === 0 ? { head: undefined, lastLine: undefined } : await endOf(file, size)), isLineEnd: true };
}

// Without it a new file may be gone after a power cut, with all that is in it.
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}
