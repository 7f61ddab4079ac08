/** Types keys into panes: what only an explicit takeover may do. */
export interface TerminalKeyboard {
  /** Sends bytes to the pane's program exactly as given, in order.
   *  @throws MosaicError AGENT_NOT_RUNNING when the pane is gone or dead, MACHINE when tmux refuses */
  typeBytes(paneId: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
}

/** What a session's terminal did. */
export type OutputEvent =
  | { readonly kind: "output"; readonly paneId: string; readonly bytes: Uint8Array }
  | { readonly kind: "resized"; readonly columns: number; readonly rows: number }
  /** Output was lost (the reader was too slow, or the connection was made anew): what comes next does not join on. */
  | { readonly kind: "gap" }
  | { readonly kind: "ended" };

/** Every byte that a session prints. */
export interface TerminalOutput {
  /** Calls back in order for as long as it is not disposed; after `ended` never again. Attaches a read-only client that is
   *  never counted for the window's size. */
  streamOutput(session: string, listener: (event: OutputEvent) => void): AsyncDisposable;
}
