/** A message as it is written down: the receipt in bytes of protobuf, the text in UTF-8. Plain data, which may go to another
 *  thread. */
export interface MessageRecord {
  readonly sequence: number;
  readonly messageId: string;
  readonly payloadSha256: string;
  readonly traceparent: string;
  readonly expiresAtUnixMs: number;
  readonly policy: string;
  /** Null: it is a message. */
  readonly command: string | null;
  readonly receipt: Uint8Array;
  /** JSON; empty: no attempt is under way. */
  readonly injecting: string;
  readonly text: Uint8Array;
}

interface Progress {
  readonly receipt: Uint8Array;
  readonly injecting: string;
}

/** One thing to write. Those of one commit are written together or not at all. */
export type Write =
  | { readonly kind: "add"; readonly record: MessageRecord }
  | ({ readonly kind: "update"; readonly messageId: string; readonly sequence: number } & Progress)
  | { readonly kind: "forget"; readonly sequences: readonly number[] }
  /** Writes something of no meaning, to learn whether writing works again. */
  | { readonly kind: "probe" };

/** Why nothing can be written. */
export interface Trouble {
  /** For people: what failed, on what file, and why. */
  readonly reason: string;
  /** What to do. */
  readonly hint: string;
  /** True: only a person can end it. False: it is worth another try. */
  readonly isLasting: boolean;
}

/** How a commit ended. `failed` and doubtful: what was to be written may be found later nevertheless. */
export type CommitResult =
  | { readonly kind: "done"; readonly addsRefused: Trouble | undefined }
  | { readonly kind: "failed"; readonly trouble: Trouble; readonly isDoubtful: boolean };

/** A record as it is found again: its text is left where it is. */
export type FoundRecord = Omit<MessageRecord, "text"> & { readonly textBytes: number };

/** What was found when a journal was opened. */
export interface Opening {
  /** By sequence. */
  readonly records: readonly FoundRecord[];
  /** The highest sequence ever given; that message may be forgotten. */
  readonly lastSequence: number;
  readonly trouble: Trouble | undefined;
  /** False: it is not known what is held, so nothing may be added before another opening. Then there are no records. */
  readonly isComplete: boolean;
}

/** Where records are made durable. One commit at a time. */
export interface Journal extends AsyncDisposable {
  /** May be called again after an opening that was not complete.
   *  @throws MosaicError ALREADY_RUNNING when another process has it */
  open(): Promise<Opening>;
  /** On disk when it resolves with `done`. Never rejects. */
  commit(writes: readonly Write[]): Promise<CommitResult>;
  /** The text of a message; reads the disk.
   *  @throws MosaicError STORE_UNAVAILABLE */
  readText(sequence: number): string;
  /** The trouble that something was found that was never written. */
  damage(what: string): Trouble;
}
