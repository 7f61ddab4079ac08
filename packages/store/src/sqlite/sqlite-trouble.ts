import type { Trouble } from "../journal.ts";
import type { DiskSpace, StoreFailure } from "./worker-messages.ts";

/** What SQLite's primary result codes mean for who can't write. */
const REASONS: Readonly<Record<number, string>> = {
  5: "another process is writing to it",
  6: "another process is writing to it",
  8: "the disk or the file is read-only",
  10: "the disk failed",
  13: "no space is left on the disk",
  14: "it can't be opened (is the disk read-only, or the folder gone?)",
};
const DAMAGED: readonly number[] = [11, 26];

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EROFS: "the disk is read-only",
  EACCES: "permission denied",
};

/** The trouble after something failed. */
export function failureTrouble(path: string, { sqliteCode, systemCode, message }: StoreFailure): Trouble {
  if (sqliteCode !== undefined && DAMAGED.includes(sqliteCode & 0xff)) return damageTrouble(path, message);
  const known = sqliteCode === undefined ? SYSTEM_REASONS[systemCode ?? ""] : REASONS[sqliteCode & 0xff];
  const detail = sqliteCode === undefined ? message : `${message}, SQLite ${sqliteCode}`;
  return {
    reason: `the message store "${path}" can't be written: ${known === undefined ? detail : `${known} (${detail})`}`,
    hint: "it is tried again by itself; look at the disk: df -h",
    isLasting: false,
  };
}

/** The trouble with a file that is not, or no more, what was written. */
export function damageTrouble(path: string, why: string): Trouble {
  return {
    reason: `the message store "${path}" can't be used: ${why}`,
    hint: "stop the daemon, then move the file aside: mosaic message repair",
    isLasting: true,
  };
}

/** The trouble with a file that a newer Mosaic made. */
export function newerTrouble(path: string, why: string): Trouble {
  return {
    ...damageTrouble(path, why),
    hint: "install that version again, or stop the daemon and begin anew: mosaic message repair",
  };
}

/** The trouble with a disk that is nearly full. */
export function lowSpaceTrouble(path: string, { freeBytes, totalBytes }: DiskSpace): Trouble {
  const freeMiB = Math.floor(freeBytes / 2 ** 20);
  const share = ((100 * freeBytes) / totalBytes).toFixed(1);
  return {
    reason: `the message store "${path}" takes no more: ${freeMiB} MiB (${share} %) of its disk are free, too little to begin with more`,
    hint: "make room; it goes on by itself: df -h",
    isLasting: false,
  };
}
