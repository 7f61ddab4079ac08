/** One event that an agent left. */
export interface SpooledEvent {
  /** What the agent's hook wrote; as a rule JSON. */
  readonly text: string;
  /** When it was last written, in ms of the host's wall clock. */
  readonly modifiedUnixMs: number;
}

/** The folder in which agents' hooks leave their events, one file each. Files whose names begin with a dot are being written and
 *  are never seen. Every call throws MosaicError MACHINE when the system refuses. */
export interface SpoolFolder {
  /** Names, the smallest first, at most `limit` of them; none when the folder is not there. */
  list(limit: number): Promise<readonly string[]>;
  /** Undefined: it is gone. @throws MosaicError USAGE for what is no file, or larger than any event */
  read(name: string): Promise<SpooledEvent | undefined>;
  /** Succeeds when it is not there. */
  remove(name: string): Promise<void>;
  /** Moves what can't be understood away for a person to look at; only the last few are kept. */
  setAside(name: string): Promise<void>;
  /** Calls back after something was left. */
  onChange(listener: () => void): Disposable;
}
