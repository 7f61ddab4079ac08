import { constants } from "node:os";
import type { PaneFacts } from "@mosaic/core";
import { commandLine } from "./command-line.ts";

/** Asks for one line per pane of all sessions. tmux writes control characters in session names as escapes, so that a tab
 *  parts the fields; a command name may hold anything and comes last. */
export const LIST_ALL_PANES = commandLine([
  "list-panes",
  "-a",
  "-F",
  [
    "#{pane_id}",
    "#{pane_pid}",
    "#{pane_dead}",
    "#{pane_dead_status}",
    "#{pane_dead_signal}",
    "#{pane_width}",
    "#{pane_height}",
    "#{alternate_on}",
    "#{window_activity}",
    "#{session_name}",
    "#{pane_current_command}",
  ].join("\t"),
]);

/** Reads the answer to {@link LIST_ALL_PANES}. A line of another shape is the rest of a command name with a line end in it,
 *  and is left out. */
export function parsePanes(lines: readonly string[]): PaneFacts[] {
  return lines.flatMap((line) => parsePane(line) ?? []);
}

const PANE = /^(%\d+)\t(\d*)\t([01]?)\t(\d*)\t(\w*)\t(\d+)\t(\d+)\t([01]?)\t(\d*)\t([^\t]*)\t(.*)$/s;

function parsePane(line: string): PaneFacts | undefined {
  const fields = PANE.exec(line);
  if (fields === null) return undefined;
  const [, paneId = "", pid, dead, status, signal, columns, rows, alternate, activity, session = "", command = ""] = fields;
  const isDead = dead === "1";
  return {
    session,
    paneId,
    // tmux keeps the number of a process that is gone, and the kernel may give it to another.
    pid: isDead ? 0 : Number(pid),
    command,
    isDead,
    exitStatus: isDead ? exitStatusOf(status, signal) : undefined,
    columns: Number(columns),
    rows: Number(rows),
    isAlternateScreen: alternate === "1",
    lastActivityUnixMs: Number(activity) * 1_000,
  };
}

// As a shell would tell it: 128 and the signal's number for a process that a signal ended.
function exitStatusOf(status: string | undefined, signal: string | undefined): number | undefined {
  if (status) return Number(status);
  if (!signal) return undefined;
  // A number on Linux; a name where the C library has names.
  const number = /^\d+$/.test(signal) ? Number(signal) : constants.signals[`SIG${signal.toUpperCase()}` as NodeJS.Signals];
  return number === undefined ? undefined : 128 + number;
}
