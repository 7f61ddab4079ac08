import type { OutputEvent } from "./terminal-control.ts";
import type { PaneCapture } from "./terminal-server.ts";

/** A pane's screen with what else it takes to go on from there. */
export interface TapeScreen extends PaneCapture {
  /** First and last row that scroll, from 0. */
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly isOriginMode: boolean;
  readonly isInsertMode: boolean;
  readonly isWrapMode: boolean;
  /** The beginning of an escape sequence whose end is still to come. Usually empty. */
  readonly pending: string;
}

/** What a session's terminal did, and screens that were asked for. */
export type TapeEvent =
  | OutputEvent
  /** What the pane shows between the output told before and the output told after. */
  | { readonly kind: "screen"; readonly paneId: string; readonly screen: TapeScreen };

/** A session that is listened to. */
export interface SessionTape extends AsyncDisposable {
  /** Asks for a pane's screen, which comes as an event of its own; also when the client is only about to attach. Asking
   *  again before it came is asking once. Nothing comes when the pane is gone. */
  askForScreen(paneId: string): void;
}

/** Listens to sessions in a way that can be replayed: output, and screens that join on to it. */
export interface SessionTapes {
  /** Calls back in order for as long as it is not disposed; after `ended` never again. Attaches a read-only client that is
   *  never counted for the window's size. */
  followSession(session: string, listener: (event: TapeEvent) => void): SessionTape;
}
