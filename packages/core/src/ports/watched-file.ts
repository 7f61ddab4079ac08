/** A file or folder that is read again whenever it changes. */
export interface WatchedFiles {
  /** Names of the entries in the folder that end in `suffix`; empty when the folder is not there. */
  list(directory: string, suffix: string): Promise<readonly string[]>;
  /** The text, or undefined when there is no such file. Throws MosaicError `MACHINE` when it can't be read or is larger
   *  than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<string | undefined>;
  /** Calls back after the folder's entries or their content may have changed, with the entry's name where known.
   *  Falls back to nothing (the slow re-read is behind it) when the system can't notify. */
  onChange(directory: string, listener: (entry: string | undefined) => void): Disposable;
}
