import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { type AuditEntry, type AuditLog, type Clock, MosaicError } from "@mosaic/core";
import { withAuditHead } from "./audit/audit-head.ts";
import { type AuditHead, EMPTY_HEAD, lineHash, placeOf } from "./audit/chain.ts";
import { machineFailure } from "./machine-failure.ts";
import { makeFolder } from "./make-folder.ts";

export interface FileAuditLogOptions {
  readonly path: string;
  readonly clock: Clock;
}

/** Largest line, in bytes: appends of this size are not mixed with those of another process. */
const MAX_LINE_BYTES = 4096;
/** How much of an entry is kept: all that is sensible, else less and less. Lengths are in UTF-16 units. */
const KEPT = [
  { length: 1000, facts: 40 },
  { length: 200, facts: 8 },
  { length: 80, facts: 0 },
] as const;

/** Keeps the audit log in a file, one JSON object a line: `index` (from 1), `prev` (the hash of the line before), `at` (ISO 8601), `action`, `actor`, `tenant_id`, `host`, `agent` (when
 *  there is one), `facts`; `is_cut` when the entry was too large for a line of 4 KB. The file is made with mode 0600, its folder
 *  when it is missing. Lines are ASCII: nothing in them can act on the terminal of who reads them. */
export function fileAuditLog({ path, clock }: FileAuditLogOptions): AuditLog {
  let last: Promise<unknown> = Promise.resolve();
  return {
    record(entry) {
      const at = new Date(clock.nowUnixMs()).toISOString();
      // One after the other, so that each sees how the file ends.
      const written = last.then(() => append(path, clock, (head) => auditLine(entry, at, head)));
      last = written.catch(() => {});
      return written;
    },
  };
}

/** One entry as a line that continues from where the chain stands, without its line break. */
export function auditLine(entry: AuditEntry, at: string, head: AuditHead): string {
  for (const kept of KEPT) {
    const line = asciiJson({ index: head.index + 1, prev: head.hash, ...shaped(entry, at, kept) });
    if (line.length < MAX_LINE_BYTES) return line;
  }
  throw new MosaicError("INTERNAL", `an audit entry of ${entry.action.slice(0, 80)} does not fit into a line`);
}

function shaped(entry: AuditEntry, at: string, kept: (typeof KEPT)[number]): object {
  let isCut = false;
  const short = <T>(value: T): T | string => {
    if (typeof value !== "string" || value.length <= kept.length) return value;
    isCut = true;
    return value.slice(0, kept.length);
  };
  const { action, actor, tenantId, host, agent } = entry;
  const known = Object.entries(entry.facts ?? {});
  const facts = known.slice(0, kept.facts).map(([name, value]) => [short(name), short(value)]);
  const line = {
    at,
    action: short(action),
    actor: short(actor),
    tenant_id: short(tenantId),
    host: short(host),
    ...(agent === undefined ? {} : { agent: short(agent) }),
    facts: Object.fromEntries(facts),
  };
  return isCut || facts.length < known.length ? { ...line, is_cut: true } : line;
}

// Control characters, and those that reorder or hide text, are written out; it is the same JSON.
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

async function append(path: string, clock: Clock, toLine: (head: AuditHead) => string): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await withAuditHead(path, clock, async (kept) => {
      // Appending: also what another process writes meanwhile stays.
      await using file = await open(path, "a+", 0o600);
      const { size } = await file.stat();
      const end = await endOf(file, size);
      const head = newest(kept, end.head);
      const line = toLine(head);
      const bytes = Buffer.from(`${end.isLineEnd ? "" : "\n"}${line}\n`);
      // In one call, unless the disk fills up in the middle: then the next one says so.
      await file.writeFile(bytes).catch(async (error: unknown) => {
        // One that stays all the same does not swallow the next line: see endOf.
        await takeBack(file, size, bytes).catch(() => {});
        throw error;
      });
      await file.sync();
      if (size === 0) await syncFolder(dirname(path));
      return { index: head.index + 1, hash: lineHash(line) };
    });
  } catch (cause) {
    throw machineFailure(`cannot write the audit log "${path}"`, cause);
  }
}

// The file may be one ahead, when its writer ended before it kept the place; and behind, when somebody cut its end off, which
// must not look as if nothing had been there.
function newest(kept: AuditHead | undefined, written: AuditHead | undefined): AuditHead {
  return [kept, written].reduce<AuditHead>((best, each) => (each && each.index >= best.index ? each : best), EMPTY_HEAD);
}

// A part of a line says nothing, and readers trip over it. What somebody else wrote behind it meanwhile stays.
async function takeBack(file: FileHandle, size: number, bytes: Uint8Array): Promise<void> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes.length), 0, bytes.length, size);
  const isOurs = Buffer.from(bytes).subarray(0, bytesRead).equals(buffer.subarray(0, bytesRead));
  if (isOurs && bytesRead > 0) await file.truncate(size);
}

// A crash or a full disk may have left half a line, which must not swallow the next one.
async function endOf(file: FileHandle, size: number): Promise<{ isLineEnd: boolean; head: AuditHead | undefined }> {
  if (size === 0) return { isLineEnd: true, head: undefined };
  // Two lines: the last one may be half of one.
  const length = Math.min(size, 2 * MAX_LINE_BYTES);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  const places = buffer.toString("latin1").split("\n").map(placeOf);
  return { isLineEnd: buffer[length - 1] === 0x0a, head: places.findLast((place) => place !== undefined) };
}

// Without it a new file may be gone after a power cut, with all that is in it.
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}
