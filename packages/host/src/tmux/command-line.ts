/** One line for a control client, and how many reply blocks tmux makes of it when nothing fails. After a command that
 *  fails tmux skips the rest of its line, so that an error block is always a line's last. */
export interface CommandLine {
  readonly text: string;
  readonly blocks: number;
}

/** One or more commands in one line, each given as an argument array; tmux runs them in order up to the first that fails.
 *  @throws Error for a NUL character, which no argument can hold. */
export function commandLine(...commands: readonly (readonly [string, ...string[]])[]): CommandLine {
  return { text: commands.map((words) => words.map(quote).join(" ")).join(" ; "), blocks: commands.length };
}

/** A command that runs only while the pane's process lives, and else answers {@link DEAD_PANE} in its place. tmux decides
 *  and runs in one go: between a question and a command sent separately the process could die.
 *  It matters because tmux 3.3a crashes, with all sessions, when text is pasted into a dead pane. */
export function forLivePane(paneId: string, command: readonly [string, ...string[]]): CommandLine {
  const dead = commandLine(["display-message", "-p", DEAD_PANE]).text;
  const line = commandLine(["if-shell", "-F", "-t", paneId, "#{pane_dead}", dead, commandLine(command).text]);
  // One block for if-shell, one for what it chose.
  return { ...line, blocks: 2 };
}

/** What {@link forLivePane} answers instead of the command's own output. */
export const DEAD_PANE = "mosaic:pane-is-dead";

/** Escapes text that tmux expands as a format, such as a start directory. */
export function formatLiteral(text: string): string {
  // Of `#` before `[` tmux makes nothing, also when doubled.
  return text.replace(/#+(?![#[])/g, (hashes) => hashes + hashes);
}

// Single quotes keep everything but the quote itself; a newline would end the line, and tmux reads "\n" in double quotes.
function quote(argument: string): string {
  if (argument.includes("\0")) throw new Error("a tmux argument can't hold a NUL character");
  if (/^[\w/-]+$/.test(argument)) return argument;
  return `'${argument.replace(/['\n\r]/g, (character) => `'"${DOUBLE_QUOTED[character]}"'`)}'`;
}

const DOUBLE_QUOTED: Readonly<Record<string, string>> = { "'": "'", "\n": "\\n", "\r": "\\r" };
