import { type CommandLine, commandLine } from "./command-line.ts";

/** What a server of agents is set to, one line each: a tmux that does not know one of them still takes the others. */
export const SERVER_OPTIONS: readonly CommandLine[] = [
  // The holder alone keeps the server alive. With `off` a server would outlive its last session, and no control client can
  // attach to see it; when the holder is ended and no agent is left, systemd is to notice.
  ["set-option", "-s", "exit-empty", "on"],
  // The last screen of an agent that ended says why.
  ["set-option", "-gw", "remain-on-exit", "on"],
  // Enough for `agent tail`; 5,000 lines of 120 columns are about 3 MB for each agent that fills them.
  ["set-option", "-g", "history-limit", "5000"],
  // Escape is a key of its own to agents; tmux must not wait whether it starts a longer one.
  ["set-option", "-s", "escape-time", "0"],
  // Lets agents tell Shift+Enter from Enter when somebody attaches.
  ["set-option", "-s", "extended-keys", "on"],
  // A name that follows the program is a notice to every client with each change, and nobody reads it.
  ["set-option", "-gw", "automatic-rename", "off"],
  ["set-option", "-g", "set-titles", "off"],
  // The size that an agent was given is the size it has.
  ["set-option", "-g", "status", "off"],
].map((words) => commandLine(words as [string, ...string[]]));
