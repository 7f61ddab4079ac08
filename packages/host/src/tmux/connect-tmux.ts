import {
  type Clock,
  type Log,
  MosaicError,
  type PaneFacts,
  type SessionLauncher,
  type SessionTapes,
  type TerminalClients,
  type TerminalKeyboard,
  type TerminalOutput,
  type TerminalServer,
} from "@mosaic/core";
import { createAttachGate } from "./attach-gate.ts";
import { captureCommands, toCapture } from "./capture.ts";
import { tellsOfPaneChange } from "./change-notices.ts";
import { listClients } from "./client-listing.ts";
import { createCoalescer } from "./coalesce.ts";
import { type ControlClient, startControlClient } from "./control-client.ts";
import type { LineReply } from "./control-connection.ts";
import { keyCommands } from "./keys.ts";
import { watchSessionOutput } from "./output-watcher.ts";
import { LIST_ALL_PANES, parsePanes } from "./pane-listing.ts";
import { pasteText } from "./paste.ts";
import { createServerLock } from "./server-lock.ts";
import { createSessionLauncher } from "./session-launcher.ts";
import { followSession, type SessionTapeDeps, streamSessionOutput } from "./session-tape.ts";
import { screenCommands } from "./tape-screen.ts";
import { assertPaneId, assertPaneReplies } from "./tmux-errors.ts";
import { tmuxProgram } from "./tmux-program.ts";
import { createKeyboard } from "./typing.ts";

export interface TmuxOptions {
  /** Name of the private socket, as for `tmux -L`. Never `default`. */
  readonly socketName: string;
  /** Default: `tmux`, looked up in PATH. */
  readonly tmuxProgram?: string | undefined;
  /** The session that keeps the server alive. Default `_holder`. */
  readonly holderSession?: string | undefined;
  /** What a holder started from here runs, in at least two words. Default: a program that does nothing, in 1 MB. */
  readonly holderProgram?: readonly [string, string, ...string[]] | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** All that one tmux server is to us. */
export type TmuxConnection = TerminalServer &
  TerminalClients &
  TerminalKeyboard &
  TerminalOutput &
  SessionTapes &
  SessionLauncher &
  AsyncDisposable;

/** Connects to the tmux server of a private socket, now or as soon as there is one, over one control client; never starts a
 *  server but when asked to start a session. Disposal ends all clients of this process, and never the server.
 *  @throws MosaicError `USAGE` for a socket name that is not a private one's */
export function connectTmux(options: TmuxOptions): TmuxConnection {
  const { clock, log, holderSession = "_holder", holderProgram = ["tail", "-f", "/dev/null"] } = options;
  const tmux = tmuxProgram(options.socketName, options.tmuxProgram);
  const gate = createAttachGate(createServerLock(`${tmux.socketPath}.quiet`, clock));
  const listeners = new Set<{ readonly call: () => void }>();
  const watches = new Set<AsyncDisposable>();
  const changes = createCoalescer(clock, CHANGE_INTERVAL_MS, () => {
    for (const { call } of [...listeners]) call();
  });
  const client = startControlClient({
    tmux,
    gate,
    holderSession,
    clock,
    log,
    onNotification: (name) => {
      if (tellsOfPaneChange(name)) changes.poke();
    },
    onConnection: () => changes.poke(),
  });
  const kept = (watch: AsyncDisposable): AsyncDisposable => {
    watches.add(watch);
    return {
      async [Symbol.asyncDispose]() {
        watches.delete(watch);
        await watch[Symbol.asyncDispose]();
      },
    };
  };
  const tapeDeps: SessionTapeDeps = { tmux, gate, clock, log, capture: (paneId, signal) => captureTape(client, paneId, signal) };
  return {
    ...createSessionLauncher({ tmux, holderSession, holderProgram, client, gate, clock, log }),
    ...createKeyboard(client),
    listPanes: (signal) => listPanes(client, signal),
    listClients: (signal) => listClients(client, signal),
    async capture(paneId, capture, signal) {
      assertPaneId(paneId);
      const replies = await client.run(captureCommands(paneId, capture), { what: "capture-pane", signal, isRepeatable: true });
      assertPaneReplies("capture", paneId, replies);
      const [cursor, screen] = replies;
      return toCapture(cursor?.outputs[0]?.[0] ?? "", screen?.outputs[0] ?? [], capture);
    },
    async paste(paneId, text, signal, onReady) {
      assertPaneId(paneId);
      await pasteText({ tmux, client, gate }, paneId, text, { signal, onReady });
    },
    async pressKey(paneId, key, signal) {
      assertPaneId(paneId);
      const options = { what: "send-keys", signal, isRepeatable: false, isDisturbing: true };
      const replies = await client.run(keyCommands(paneId, key), options);
      assertPaneReplies("press a key in", paneId, replies);
    },
    onChange(listener) {
      const entry = { call: listener };
      listeners.add(entry);
      return { [Symbol.dispose]: () => void listeners.delete(entry) };
    },
    watchOutput: (session, listener) => kept(watchSessionOutput({ tmux, gate, clock, log }, session, listener)),
    streamOutput: (session, listener) => kept(streamSessionOutput(tapeDeps, session, listener)),
    followSession(session, listener) {
      const tape = followSession(tapeDeps, session, listener);
      return { ...kept(tape), askForScreen: (paneId) => tape.askForScreen(paneId) };
    },
    async [Symbol.asyncDispose]() {
      changes[Symbol.dispose]();
      await Promise.all([...watches, client].map((started) => started[Symbol.asyncDispose]()));
    },
  };
}

/** What the port promises; fast enough that nobody sees it, slow enough that a burst is one look. */
const CHANGE_INTERVAL_MS = 10;

async function captureTape(client: ControlClient, paneId: string, signal: AbortSignal): Promise<readonly LineReply[]> {
  const replies = await client.run(screenCommands(paneId), { what: "capture-pane", signal, isRepeatable: true });
  assertPaneReplies("capture", paneId, replies);
  return replies;
}

async function listPanes(client: ControlClient, signal: AbortSignal): Promise<readonly PaneFacts[]> {
  const [reply] = (await client.run([LIST_ALL_PANES], { what: "list-panes", signal, isRepeatable: true })) ?? [];
  if (reply === undefined) return [];
  if (!reply.isOk) throw new MosaicError("MACHINE", `cannot list panes: tmux says "${reply.message}"`);
  return parsePanes(reply.outputs[0] ?? []);
}
