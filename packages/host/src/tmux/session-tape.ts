import { MosaicError, type OutputEvent, type SessionTape, type TapeEvent, type TapeScreen } from "@mosaic/core";
import type { ControlConnection, LineReply } from "./control-connection.ts";
import { type PaneOutput, parsePaneOutput } from "./pane-output.ts";
import { keepSessionClient, leaveSession, type SessionClientDeps } from "./session-client.ts";
import { parseTapeScreen, screenCommands } from "./tape-screen.ts";
import { assertPaneId, refusalMeans } from "./tmux-errors.ts";

export interface SessionTapeDeps extends SessionClientDeps {
  /** Looks at a pane through another client, for a server that lets a read-only one only listen. */
  readonly capture: (paneId: string, signal: AbortSignal) => Promise<readonly LineReply[]>;
}

/** Attaches a client of its own to a session and tells every byte that its panes print. What is asked of the screen is asked
 *  by the same client: tmux answers between two pieces of output, so that the two join exactly.
 *
 *  The client never holds the session up: its pipe is always read, the client for commands, which takes no output, keeps tmux
 *  reading the panes, and should this process stand still, `pause-after` makes tmux drop output after 5 s instead of
 *  gathering it without bound. That, like every other interruption, is told as a gap. */
export function followSession(deps: SessionTapeDeps, session: string, listener: (event: TapeEvent) => void): SessionTape {
  return new Tape(deps, session, listener);
}

/** Only the output and sizes of {@link followSession}. */
export function streamSessionOutput(
  deps: SessionTapeDeps,
  session: string,
  listener: (event: OutputEvent) => void,
): AsyncDisposable {
  return followSession(deps, session, (event) => {
    if (event.kind !== "screen") listener(event);
  });
}

/** Long enough for a process that was busy, or a laptop's lid; at 10 MB/s it is 50 MB of tmux's memory. */
const PAUSE_AFTER_S = 5;
/** A screen of 500 rows and 500 columns, each cell in colours of its own. */
const MAX_REPLY_BYTES = 16 * 1_048_576;

class Tape implements SessionTape {
  readonly #deps: SessionTapeDeps;
  readonly #session: string;
  readonly #listener: (event: TapeEvent) => void;
  readonly #over = new AbortController();
  readonly #following: Promise<void>;
  /** Panes whose screen is still to be told. */
  readonly #wanted = new Set<string>();
  #connection: ControlConnection | undefined;
  #wasAttached = false;
  #size = "";

  constructor(deps: SessionTapeDeps, session: string, listener: (event: TapeEvent) => void) {
    this.#deps = deps;
    this.#session = session;
    this.#listener = listener;
    this.#following = this.#follow();
  }

  askForScreen(paneId: string): void {
    assertPaneId(paneId);
    if (this.#wanted.has(paneId)) return;
    this.#wanted.add(paneId);
    if (this.#connection !== undefined) this.#ask(this.#connection, paneId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const options = {
      session: this.#session,
      moreFlags: [`pause-after=${PAUSE_AFTER_S}`],
      maxReplyBytes: MAX_REPLY_BYTES,
      onAttached: (connection: ControlConnection) => this.#onAttached(connection),
      onNotification: (name: string, rest: string) => this.#onNotification(name, rest),
      onOutput: (line: Uint8Array, isCut: boolean) => this.#onOutput(parsePaneOutput(line), isCut),
    };
    // A listener may ask for a screen before it has the tape in hand.
    await Promise.resolve();
    await keepSessionClient(this.#deps, options, this.#over.signal);
    this.#tell({ kind: "ended" });
  }

  #tell(event: TapeEvent): void {
    if (!this.#over.signal.aborted) this.#listener(event);
  }

  #onAttached(connection: ControlConnection): void {
    this.#connection = connection;
    void connection.closed.then(() => {
      if (this.#connection === connection) this.#connection = undefined;
    });
    if (this.#wasAttached) this.#tell({ kind: "gap" });
    this.#wasAttached = true;
    for (const paneId of [...this.#wanted]) this.#ask(connection, paneId);
  }

  #onOutput(output: PaneOutput | undefined, isCut: boolean): void {
    if (output !== undefined) this.#tell({ kind: "output", ...output });
    if (isCut || output === undefined) this.#tell({ kind: "gap" });
  }

  #onNotification(name: string, rest: string): void {
    // Another client is the shortest way on: it starts with what the pane prints from then on.
    if (name === "pause" && this.#connection !== undefined) void leaveSession(this.#deps, this.#connection);
    // A window's id, then its layout: a checksum, and the size of the whole.
    const [, columns, rows] = (name === "layout-change" && /^@\d+ [0-9a-f]+,(\d+)x(\d+),/.exec(rest)) || [];
    if (columns === undefined || rows === undefined || this.#size === `${columns}x${rows}`) return;
    this.#size = `${columns}x${rows}`;
    this.#tell({ kind: "resized", columns: Number(columns), rows: Number(rows) });
  }

  #ask(connection: ControlConnection, paneId: string): void {
    connection.sendInOrder(screenCommands(paneId), (replies) => {
      // A lost connection is followed by another one, which asks again, or by the end.
      if (replies === undefined) return;
      const refusal = replies.find(({ isOk }) => !isOk);
      if (refusal === undefined) return this.#tellScreen(paneId, replies);
      if (refusalMeans(refusal.message) !== "trouble") return void this.#wanted.delete(paneId);
      void this.#askAnother(paneId);
    });
  }

  // The two may then be some output apart, which beats no screen.
  async #askAnother(paneId: string): Promise<void> {
    try {
      this.#tellScreen(paneId, await this.#deps.capture(paneId, this.#over.signal));
    } catch (error) {
      this.#wanted.delete(paneId);
      if (!this.#over.signal.aborted) this.#warn(error);
    }
  }

  #tellScreen(paneId: string, replies: readonly LineReply[]): void {
    this.#wanted.delete(paneId);
    let screen: TapeScreen;
    try {
      screen = parseTapeScreen(replies);
    } catch (error) {
      return this.#warn(error);
    }
    this.#tell({ kind: "screen", paneId, screen });
  }

  #warn(error: unknown): void {
    this.#deps.log.warn({ session: this.#session, error: MosaicError.from(error).message }, "can't see a session's screen");
  }
}
