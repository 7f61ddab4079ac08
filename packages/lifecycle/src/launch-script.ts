import { shellWord } from "./quoting.ts";

type CommandLine = readonly [string, ...string[]];

/** What the pane of an agent reads as its own shell, with the conversation to go on with as `$1`. */
export interface LaunchScript {
  readonly text: string;
  /** Whether `$1` may be anything but empty. */
  readonly canResume: boolean;
}

/** Writes the command lines of an agent for a POSIX shell: one that starts afresh, and where there is one, one that goes on with
 *  the conversation in `$1`. The id is filled in as one quoted word, so that nothing in it is ever read as shell.
 *  @param resume the command line that goes on with a conversation, given its id; undefined: there is none */
export function launchScript(fresh: CommandLine, resume: (sessionId: string) => CommandLine | undefined): LaunchScript {
  const resumed = resume(PLACEHOLDER);
  const lines = [
    ...(resumed === undefined ? [] : [`[ -z "$1" ] || exec ${resumed.map(wordWithId).join(" ")}`]),
    `exec ${fresh.map(shellWord).join(" ")}`,
  ];
  return { text: `${lines.join("\n")}\n`, canResume: resumed !== undefined };
}

/** Stands for the id while the line is made: no roster, path or setting holds it. Of the form that ids have. */
const PLACEHOLDER = "7f1c2a90-mosaic-session-id-5b3e8d64";

function wordWithId(word: string): string {
  const parts = word.split(PLACEHOLDER).map((part) => (part === "" ? "" : shellWord(part)));
  return parts.join('"$1"') || shellWord("");
}
