/** What one pane of a terminal server (tmux) looks like from outside. Times are in ms of the host's wall clock. */
export interface PaneFacts {
  readonly session: string;
  /** tmux's id of the pane, for example `%4`. Unique for the life of the server. */
  readonly paneId: string;
  /** First process of the pane. 0: none. */
  readonly pid: number;
  /** The foreground command as the terminal server tells it. */
  readonly command: string;
  readonly isDead: boolean;
  /** Exit status of a dead pane's process, where known. */
  readonly exitStatus: number | undefined;
  readonly columns: number;
  readonly rows: number;
  readonly isAlternateScreen: boolean;
  readonly lastActivityUnixMs: number;
}

/** What a pane shows. */
export interface PaneCapture {
  /** Oldest first; `rows` of them unless history was asked for. With SGR escapes only when asked for. */
  readonly lines: readonly string[];
  readonly columns: number;
  readonly rows: number;
  readonly cursorColumn: number;
  readonly cursorRow: number;
  readonly isCursorVisible: boolean;
  readonly isAlternateScreen: boolean;
}

export interface CaptureOptions {
  /** Lines of history above the screen. Default 0. Ignored on the alternate screen, which has none. */
  readonly historyLines?: number;
  /** Keep colours and attributes as SGR escapes. Default false. */
  readonly withEscapes?: boolean;
}

/** One private terminal server: the sessions on one tmux socket. Every call has a deadline of its own (5 s) besides the
 *  signal, and throws MosaicError `MACHINE` when tmux fails or `AGENT_NOT_RUNNING` when the pane is gone. */
export interface TerminalServer {
  /** All panes of all sessions, the holder's too. Empty when no server runs on the socket: that is no error. */
  listPanes(signal: AbortSignal): Promise<readonly PaneFacts[]>;
  capture(paneId: string, options: CaptureOptions, signal: AbortSignal): Promise<PaneCapture>;
  /** Puts the text into the pane as one bracketed paste, byte for byte. Submits nothing.
   *  @param onReady awaited when all is prepared, right before the text goes into the pane; when it rejects, nothing goes in, and
   *    the call rejects with the same */
  paste(paneId: string, text: string, signal: AbortSignal, onReady?: () => Promise<void>): Promise<void>;
  /** Sends one named key, for example `Enter`. */
  pressKey(paneId: string, key: string, signal: AbortSignal): Promise<void>;
  /** Calls back, at most once per 10 ms, after something on the server may have changed: a session came or went, a pane
   *  died or changed its command or size, the server itself came or went. Says nothing about mere output. */
  onChange(listener: () => void): Disposable;
  /** Calls back after the session printed something or changed size, and with `ended` when it is gone. Attaches a
   *  read-only client that is never counted for the window's size, for as long as it is not disposed. */
  watchOutput(session: string, listener: (event: "output" | "ended") => void): AsyncDisposable;
}

/** Starts and ends sessions: the only port that changes what runs. */
export interface SessionLauncher {
  /** Makes sure that the server runs, kept by a session of its own. Succeeds when it already does. */
  ensureHolder(session: string, signal: AbortSignal): Promise<void>;
  /** Starts a session; `"exists"` when one of that name is there already, which is left as it is. */
  startSession(launch: SessionLaunch, signal: AbortSignal): Promise<"started" | "exists">;
  /** Ends exactly that session; `"absent"` when it was not there. */
  endSession(session: string, signal: AbortSignal): Promise<"ended" | "absent">;
  /** Ends the server with everything in it. Succeeds when none runs. */
  endServer(signal: AbortSignal): Promise<void>;
}

export interface SessionLaunch {
  readonly session: string;
  /** Program and arguments, executed directly and never by a shell. */
  readonly argv: readonly [string, ...string[]];
  /** Added to the server's environment for this pane. */
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Default 120. */
  readonly columns?: number;
  /** Default 40. */
  readonly rows?: number;
}
