/** One recording on this host. */
export interface RecordingFile {
  /** The file's name without its suffix; no two are the same. */
  readonly id: string;
  readonly agent: string;
  readonly path: string;
  readonly startedUnixMs: number;
  /** When something was last written to it. */
  readonly modifiedUnixMs: number;
  readonly bytes: number;
  /** A living process holds it open to write. */
  readonly isBeingWritten: boolean;
}

/** A recording that is being written. */
export interface OpenRecording {
  /** Resolves when the system took the bytes.
   *  @throws MosaicError MACHINE (full disk, folder gone); a part may then be there */
  append(bytes: Uint8Array): Promise<void>;
  /** From then on it is a file like others. Closing twice does nothing. */
  close(): Promise<void>;
}

/** The recordings of one fleet: a folder for each agent. Folders are their owner's alone (0700), files too (0600), for they
 *  hold whatever an agent showed. Agents are named as in a roster and files by their ids, so that no name leads out of the
 *  folder; what is a link is not followed and not listed.
 *
 *  Every call throws MosaicError MACHINE when the disk or the system refuses. */
export interface RecordingStore {
  /** Makes a new, empty file; one that is there already is an error. */
  create(agent: string, id: string): Promise<OpenRecording>;
  /** Oldest first. Empty when nothing was ever recorded. @param agent absent: of all agents */
  list(agent?: string): Promise<readonly RecordingFile[]>;
  /** Succeeds when it is not there. */
  delete(agent: string, id: string): Promise<void>;
  /** The file's bytes from the first, as many as are there when they are read. */
  read(agent: string, id: string): AsyncIterable<Uint8Array>;
}
