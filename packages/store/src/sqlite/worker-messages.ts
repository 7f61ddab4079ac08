import type { Write } from "../journal.ts";

/** What the worker is told when it starts. */
export interface WorkerOptions {
  /** Marks the thread as ours: the worker's file is loaded by the main thread too. */
  readonly role: "mosaic-message-store";
  readonly path: string;
  readonly minFreeShare: number;
  readonly minFreeBytes: number;
  readonly busyTimeoutMs: number;
}

/** What the worker is asked, one thing at a time. */
export type WorkerRequest =
  /** Makes the file when there is none, checks it, opens it. */
  { readonly kind: "open" } | { readonly kind: "commit"; readonly writes: readonly Write[] } | { readonly kind: "close" };

/** Space on the disk for who is not root. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export type WorkerAnswer =
  /** Opened, committed or closed. With `lowSpace` messages to add were left out of the commit. */
  | { readonly kind: "done"; readonly lowSpace: DiskSpace | undefined }
  /** The file must not be written: it is damaged, somebody else's, or of a newer version. */
  | { readonly kind: "unusable"; readonly why: string; readonly isNewer: boolean }
  /** SQLite or the system said no. */
  | { readonly kind: "failed"; readonly failure: StoreFailure; readonly isDoubtful: boolean };

/** An error as it passes between threads. */
export interface StoreFailure {
  /** SQLite's (extended) result code; undefined: it was not SQLite. */
  readonly sqliteCode: number | undefined;
  /** The system's error code, such as ENOSPC. */
  readonly systemCode: string | undefined;
  readonly message: string;
}
