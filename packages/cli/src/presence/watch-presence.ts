import type { CommandResult, Invocation, TextView } from "../command.ts";
import type { Io } from "../io/io.ts";
import { plainText, safeJson } from "../output/plain-text.ts";
import { textView } from "../output/print-result.ts";
import { followPresence } from "./follow-presence.ts";
import type { PresenceAnswer } from "./presence-answer.ts";
import { GoneHosts, hasRestarted, presenceMark } from "./presence-change.ts";
import { watchPresenceOnScreen } from "./presence-screen.ts";
import { presenceText } from "./presence-text.ts";

export interface WatchPresenceOptions extends Pick<Invocation, "flags" | "globals"> {
  readonly ask: () => Promise<PresenceAnswer>;
  /** The lines of one answer with --jsonl. */
  readonly linesOf: (answer: PresenceAnswer) => Iterable<object>;
}

/** Stays with who is there: as JSON after every change, as a screen that keeps up, or, into a pipe, as text after every change.
 *  @throws MosaicError CANCELLED when it is interrupted, and as `followPresence` */
export async function watchPresence(options: WatchPresenceOptions, io: Io): Promise<CommandResult> {
  const { ask, flags, globals } = options;
  const isJson = globals.isJson || flags.boolean("jsonl");
  if (!isJson && io.stdout.isTerminal && io.env["TERM"] !== "dumb") {
    return { exitCode: await watchPresenceOnScreen(ask, globals.noColor, io) };
  }
  const gone = new GoneHosts();
  let last: PresenceAnswer | undefined;
  let isLost = false;
  await followPresence(ask, io, (step) => {
    if (step.kind === "lost") {
      if (!isLost) io.stderr.write(`mosaic: ${plainText(step.error.message)}; trying again\n`);
      isLost = true;
      return;
    }
    const { answer } = step;
    for (const name of gone.take(answer)) io.stderr.write(`mosaic: ${plainText(name)} is no host of this fleet any more\n`);
    const isNews = last === undefined || isLost || hasRestarted(last, answer) || isChanged(last, answer, isJson);
    if (isNews) io.stdout.write(printed(answer, options, { isFirst: last === undefined, view: textView(io, globals.noColor) }));
    isLost = false;
    last = answer;
  });
  io.signal.throwIfAborted();
  throw new Error("it is followed until it is interrupted");
}

function isChanged(before: PresenceAnswer, now: PresenceAnswer, isJson: boolean): boolean {
  return presenceMark(before, isJson) !== presenceMark(now, isJson);
}

function printed(
  answer: PresenceAnswer,
  { flags, globals, linesOf }: WatchPresenceOptions,
  { isFirst, view }: { isFirst: boolean; view: TextView },
): string {
  if (flags.boolean("jsonl")) return [...linesOf(answer)].map((line) => `${safeJson(line)}\n`).join("");
  if (globals.isJson) return `${safeJson(answer)}\n`;
  return `${isFirst ? "" : "\n"}${presenceText(answer, view)}`;
}
