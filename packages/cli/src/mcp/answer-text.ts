/** What stands on an agent's screen after a prompt. */
export interface AnswerText {
  readonly text: string;
  /** False: the prompt was not found on the screen any more, so these are merely its last lines. */
  readonly isAfterPrompt: boolean;
}

/** Lines that are told when nothing says where the answer begins. */
const FALLBACK_LINES = 40;
/** Enough of a prompt to find it by, and less than a narrow terminal's line. */
const MARK_LENGTH = 40;

/** Cuts an agent's answer out of what stands on its screen: what comes after the last line that begins, but for signs, as the prompt
 *  does. A screen is all there is: runtimes report that a turn ended, not what it said. What a terminal shows below an answer, its
 *  composer and status, stays in it. */
export function answerText(lines: readonly string[], prompt: string): AnswerText {
  const mark = withoutSigns(prompt.split("\n").find((line) => line.trim() !== "") ?? "")
    .trimEnd()
    .slice(0, MARK_LENGTH);
  const at = mark === "" ? -1 : lines.findLastIndex((line) => withoutSigns(line).startsWith(mark));
  const found = at < 0 ? lines.slice(-FALLBACK_LINES) : lines.slice(at + 1);
  return { text: withoutBlankEnds(found).join("\n"), isAfterPrompt: at >= 0 };
}

/** A line without what programs put before a prompt: `>`, `›`, `┃`, blanks. */
function withoutSigns(line: string): string {
  return line.replace(/^[^\p{L}\p{N}]+/u, "");
}

function withoutBlankEnds(lines: readonly string[]): readonly string[] {
  const isText = (line: string) => line.trim() !== "";
  // Of several blank lines one: below its last words a terminal is mostly empty.
  const kept = lines.filter((line, index) => isText(line) || isText(lines[index - 1] ?? ""));
  return kept.slice(0, kept.findLastIndex(isText) + 1);
}
