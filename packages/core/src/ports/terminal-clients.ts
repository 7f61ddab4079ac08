/** A terminal of somebody that shows a pane and may type into it. */
export interface TerminalClient {
  /** Its name, for people: a path such as `/dev/pts/3`. */
  readonly name: string;
  /** The pane that its keys go to. */
  readonly paneId: string;
  /** When it last sent a key, in ms of the host's wall clock, to the second. */
  readonly lastKeyUnixMs: number;
}

/** Tells who is attached to a terminal server by its own means, past Mosaic. */
export interface TerminalClients {
  /** Clients whose keys reach a pane: those of people, not our own connections nor read-only ones. Empty when no server runs.
   *  @throws MosaicError MACHINE */
  listClients(signal: AbortSignal): Promise<readonly TerminalClient[]>;
}
