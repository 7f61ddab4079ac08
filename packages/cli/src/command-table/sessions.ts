import type { Command } from "../command.ts";
import type { Argument, Flag } from "../parse/declared.ts";

const ID: Argument = { name: "id", help: "the recording, or the beginning of its id when no other begins so" };
const AGENT: Flag = { name: "agent", kind: "texts", value: "names", help: "only these agents" };
const WHERE = "It reads this host's files, $MOSAIC_HOME/fleet/sessions, and needs no node.";

/** `mosaic sessions …` */
export const sessionsCommands: readonly Command[] = [
  {
    path: ["sessions", "list"],
    summary: "lists the recordings of agents' terminals on this host",
    description: `An agent is recorded when its entry in the roster has \`recording: {}\` (or with limits, \`{ max_file_bytes: 10485760, max_files: 10 }\`); none is by default. ${WHERE}`,
    args: [],
    flags: [AGENT, { name: "wide", kind: "boolean", help: "never cut or leave out columns" }],
    examples: [{ line: "mosaic sessions list --agent lead", does: "what there is of one agent, oldest first" }],
    schema: "mosaic.sessions.list/1",
    load: () => import("../commands/sessions/list.ts"),
  },
  {
    path: ["sessions", "show"],
    summary: "shows what a recorded terminal showed, or plays it",
    description: [
      "Prints the text that the terminal shows at the end of the recording, with what had scrolled away above it (up to 10,000 lines), as plain text. --at stops at a moment instead.",
      "--play plays it in this terminal, in its own time; q or Ctrl-C ends. Only colours, text and movements are let through to your terminal: no titles, no clipboard, no questions that it would answer.",
      WHERE,
    ].join("\n\n"),
    args: [ID],
    flags: [
      { name: "lines", short: "n", kind: "integer", value: "count", help: "only the last lines" },
      { name: "at", kind: "duration", value: "time", help: "the moment to show, or to play from, counted from the beginning" },
      { name: "play", kind: "boolean", help: "play it in this terminal" },
      { name: "speed", kind: "text", value: "factor", default: "1", help: "with --play: 2 is twice as fast" },
      { name: "idle-limit", kind: "duration", value: "time", help: "with --play: shorten every pause to this" },
    ],
    examples: [
      { line: "mosaic sessions show 20261121T1000 -n 40", does: "the last 40 lines" },
      { line: "mosaic sessions show 20261121T1000 --at 90s", does: "the screen after a minute and a half" },
      { line: "mosaic sessions show 20261121T1000 --play --speed 4 --idle-limit 2s", does: "watch it in a hurry" },
    ],
    schema: "mosaic.sessions.show/1",
    load: () => import("../commands/sessions/show.ts"),
  },
  {
    path: ["sessions", "export"],
    summary: "writes a recording out as a file for others",
    description: [
      "cast is the recording as it is (asciicast v2, which asciinema and its web player play); text is what `show` prints; jsonl is one JSON object per event (mosaic.sessions.event/1), the first of them the header.",
      `A recording holds whatever the agent showed, which may be secret: the new file is yours alone (0600). A file that is there is never replaced without --force. ${WHERE}`,
    ].join("\n\n"),
    args: [ID],
    flags: [
      { name: "format", kind: "choice", choices: ["cast", "text", "jsonl"], default: "cast", help: "the form" },
      { name: "output", short: "o", kind: "text", value: "path", default: "standard output", help: "the file to write" },
      { name: "force", kind: "boolean", help: "replace the file when it is there" },
    ],
    examples: [
      { line: "mosaic sessions export 20261121T1000 --output lead.cast", does: "a file for asciinema" },
      { line: "mosaic sessions export 20261121T1000 --format text | less", does: "read it" },
    ],
    schema: "mosaic.sessions.export/1",
    load: () => import("../commands/sessions/export.ts"),
  },
  {
    path: ["sessions", "prune"],
    summary: "deletes recordings of this host",
    description: `Deletes what any of the rules says, and tells each file with its size before. What is being written is never deleted, and each is on record in the audit log before it goes. Without a terminal to ask on it needs --yes. ${WHERE}`,
    args: [],
    flags: [
      AGENT,
      { name: "older-than", kind: "text", value: "time", help: "delete those whose last output is longer ago: 12h, 30d" },
      { name: "keep", kind: "integer", value: "count", help: "keep so many of each agent's newest" },
      {
        name: "max-bytes",
        kind: "text",
        value: "size",
        help: "delete the oldest until the rest is no larger: 1000000, 500MB, 2GB",
      },
      { name: "dry-run", kind: "boolean", help: "only say what would be deleted" },
      { name: "yes", short: "y", kind: "boolean", help: "don't ask" },
    ],
    examples: [
      { line: "mosaic sessions prune --older-than 30d --dry-run", does: "what is older than 30 days" },
      { line: "mosaic sessions prune --keep 5 --max-bytes 1GB --yes", does: "tidy up from a timer" },
    ],
    schema: "mosaic.sessions.prune/1",
    load: () => import("../commands/sessions/prune.ts"),
  },
];
