/** Small text files that Mosaic itself makes. Paths are absolute. */
export interface FileStore {
  /** The text, or undefined when there is no such file.
   *  @throws MosaicError MACHINE when it can't be read */
  read(path: string): Promise<string | undefined>;
  /** Replaces the file at once and for good: folders are made (0700), and when this resolves the text is on disk.
   *  @throws MosaicError MACHINE (full or read-only disk, no right); then the file is as it was */
  write(path: string, text: string, mode: number): Promise<void>;
  /** Succeeds when it is not there. */
  remove(path: string): Promise<void>;
  /** Names of the entries of a folder, in order; none when it is not there. */
  list(directory: string): Promise<readonly string[]>;
}
