/** Files that other programs append to. Paths are absolute. */
export interface GrowingFiles {
  /** In bytes; undefined: there is no such file. @throws MosaicError MACHINE */
  size(path: string): Promise<number | undefined>;
  /** Bytes from an offset on, at most `maxBytes`; empty: there are no more. @throws MosaicError MACHINE */
  read(path: string, fromByte: number, maxBytes: number): Promise<Uint8Array>;
  /** Calls back after the file may have grown. Falls back to nothing when the system can't notify. */
  onGrowth(path: string, listener: () => void): Disposable;
}
