import type { RecordingFile } from "../ports/recording-store.ts";
import { byAge } from "./rotation-plan.ts";

/** What may stay. At least one of them is given; a recording goes when any of them says so. */
export interface PruneRules {
  /** Those whose last output is longer ago go. */
  readonly olderThanMs?: number | undefined;
  /** So many of each agent's newest stay. */
  readonly keep?: number | undefined;
  /** Of all that is left the oldest go until the rest, what is being written included, is no larger. */
  readonly maxBytes?: number | undefined;
}

/** One file that is to go, and why. */
export interface PrunedFile {
  readonly file: RecordingFile;
  readonly reason: "older-than" | "keep" | "max-bytes";
}

/** Says which recordings go. What is being written always stays.
 *  @returns oldest first, none twice */
export function prunePlan(files: readonly RecordingFile[], rules: PruneRules, nowUnixMs: number): readonly PrunedFile[] {
  const reasons = new Map<RecordingFile, PrunedFile["reason"]>();
  const newestFirst = [...files].sort(byAge).reverse();
  const { olderThanMs, keep, maxBytes } = rules;
  for (const file of newestFirst) {
    if (olderThanMs !== undefined && nowUnixMs - file.modifiedUnixMs > olderThanMs) reasons.set(file, "older-than");
  }
  if (keep !== undefined) {
    for (const file of newestFirst.filter(isBeyond(keep))) if (!reasons.has(file)) reasons.set(file, "keep");
  }
  for (const file of files) if (file.isBeingWritten) reasons.delete(file);
  if (maxBytes !== undefined) {
    const left = newestFirst.filter((file) => !reasons.has(file));
    for (const file of beyondBytes(left, maxBytes)) reasons.set(file, "max-bytes");
  }
  return [...reasons].map(([file, reason]) => ({ file, reason })).sort((a, b) => byAge(a.file, b.file));
}

// Counts each agent's own, newest first.
function isBeyond(keep: number): (file: RecordingFile) => boolean {
  const counts = new Map<string, number>();
  return ({ agent }) => {
    const count = (counts.get(agent) ?? 0) + 1;
    counts.set(agent, count);
    return count > keep;
  };
}

function beyondBytes(newestFirst: readonly RecordingFile[], maxBytes: number): RecordingFile[] {
  let total = newestFirst.reduce((sum, { bytes }) => sum + bytes, 0);
  const gone: RecordingFile[] = [];
  for (const file of [...newestFirst].reverse()) {
    if (total <= maxBytes) break;
    if (file.isBeingWritten) continue;
    gone.push(file);
    total -= file.bytes;
  }
  return gone;
}
