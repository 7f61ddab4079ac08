import { commandLine } from "./command-line.ts";

/** What a control client sends once so that tmux tells of changes in all panes of all sessions.
 *
 *  First, tmux watches them itself: once per second it expands this format, and says so when the text is another one. That is
 *  the only notice there is of a changed command, and of a resize in a session that the client is not attached to. No commas:
 *  in these loops they would part the format from that of the current item.
 *
 *  Second, a pane that dies under `remain-on-exit` is told at once: the server gives the window this client is attached to, the
 *  holder's, its own id as its name, which is a notice to every control client. What a hook does by itself is told to nobody,
 *  and what `run-shell` does a moment later is; with `-C` it starts no process. An array entry of its own leaves other hooks
 *  alone. (All measured on 3.3a, 3.4, 3.5a and 3.7c.) */
export const WATCH_ALL_PANES = commandLine(
  [
    "refresh-client",
    "-B",
    "mosaic::#{S:#{session_id} #{session_name} #{W:#{P:#{pane_id} #{pane_dead} #{pane_dead_status} #{pane_pid} #{pane_width}x#{pane_height} #{pane_current_command};}}}",
  ],
  ["set-option", "-gwF", "pane-died[90]", 'run-shell -b -d 0 -C "rename-window -t #{window_id} #{window_id}"'],
);

/** Says whether a control client's notification may mean another pane listing. Output, modes, paste buffers and other
 *  clients coming and going do not; an unknown notification of a later tmux does not either, for the subscription is
 *  behind it. */
export function tellsOfPaneChange(notification: string): boolean {
  return PANE_CHANGES.has(notification);
}

/** Says whether a notification to a client attached to a session may mean that the session shows something else. */
export function tellsOfOutput(notification: string): boolean {
  return SCREEN_CHANGES.has(notification);
}

const SCREEN_CHANGES: ReadonlySet<string> = new Set([
  "output",
  "extended-output",
  "layout-change",
  "window-add",
  "window-close",
  "window-pane-changed",
  "session-window-changed",
]);

const PANE_CHANGES: ReadonlySet<string> = new Set([
  "subscription-changed",
  "sessions-changed",
  "session-changed",
  "session-renamed",
  "session-window-changed",
  "layout-change",
  "window-add",
  "window-close",
  "window-renamed",
  "window-pane-changed",
  "unlinked-window-add",
  "unlinked-window-close",
  "unlinked-window-renamed",
]);
