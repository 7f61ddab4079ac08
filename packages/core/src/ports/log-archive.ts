/** A line as it was written down somewhere. */
export interface ArchivedLine {
  readonly text: string;
  /** When it was written down, in ms; 0: nobody knows. */
  readonly atUnixMs: number;
  /** True: it was said about the daemon by whoever started it, not by the daemon. */
  readonly isAbout: boolean;
}

/** Where a daemon's own log goes, so that what was said before its memory begins can be found: an earlier life's last words. */
export interface LogArchive {
  /** The last lines there, oldest first, at most so many, and at most some MiB of them. Those that are still in memory are among them.
   *  @throws MosaicError MACHINE when it can't be read */
  read(maxLines: number, signal: AbortSignal): Promise<readonly ArchivedLine[]>;
}
