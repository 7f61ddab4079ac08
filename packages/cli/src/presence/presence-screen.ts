import { aborted, EXIT_CODES } from "@mosaic/core/light";
import type { TextView } from "../command.ts";
import type { Io } from "../io/io.ts";
import { ageText, waitText } from "../output/age-text.ts";
import { plainText } from "../output/plain-text.ts";
import { textView } from "../output/print-result.ts";
import { screenEnd, screenFrame } from "../terminal/screen-frame.ts";
import { openScreen } from "../terminal/screen-session.ts";
import { ASK_AGAIN_MS, followPresence, type PresenceStep } from "./follow-presence.ts";
import type { PresenceAnswer } from "./presence-answer.ts";
import { GoneHosts } from "./presence-change.ts";
import { presenceParts } from "./presence-text.ts";

/** What is on the screen. */
interface Shown {
  readonly answer: PresenceAnswer;
  readonly atMs: number;
  /** Hosts that nobody expects any more. */
  readonly gone: readonly string[];
  /** Why there is nothing newer. */
  readonly lost: string | undefined;
}

/** Shows who is there on the whole terminal until a key ends it. @returns the exit code */
export async function watchPresenceOnScreen(ask: () => Promise<PresenceAnswer>, noColor: boolean, io: Io): Promise<number> {
  const over = new AbortController();
  const until = AbortSignal.any([io.signal, over.signal]);
  const { promise: first, resolve: firstStep } = Promise.withResolvers<void>();
  const gone = new GoneHosts();
  let shown: Shown | undefined;
  let isOpen = false;
  const draw = () => {
    if (isOpen && shown && !until.aborted) io.stdout.write(frame(shown, noColor, io));
  };
  const following = followPresence(ask, { clock: io.clock, signal: until }, (step) => {
    shown = next(shown, step, gone, io);
    firstStep();
    draw();
  });
  try {
    // What goes wrong before there is anything to show belongs on the normal screen.
    await Promise.race([first, following]);
    io.signal.throwIfAborted();
    using session = openScreen(io);
    using _resizes = io.stdout.onResize(draw);
    isOpen = true;
    draw();
    const end = await Promise.race([session.ended, aborted(until), following]);
    over.abort();
    io.signal.throwIfAborted();
    return end === "quit" ? EXIT_CODES.ok : EXIT_CODES.interrupted;
  } finally {
    over.abort();
    // Not waited for: a question that is under way takes until its deadline. What it fails with then is of no interest.
    following.catch(() => {});
  }
}

function next(before: Shown | undefined, step: PresenceStep, gone: GoneHosts, io: Io): Shown | undefined {
  if (step.kind === "lost") return before && { ...before, lost: step.error.message };
  gone.take(step.answer);
  return { answer: step.answer, atMs: io.clock.monotonicMs(), gone: gone.names, lost: undefined };
}

function frame({ answer, atMs, gone, lost }: Shown, noColor: boolean, io: Io): string {
  const view = textView(io, noColor);
  const columns = view.columns ?? 80;
  const { body, missing, last } = presenceParts(answer, view);
  const left = gone.map((name) => `${view.style("bad", "REMOVED")}  ${plainText(name)}: no host of this fleet any more`);
  const age = ageText(io.clock.monotonicMs() - atMs);
  const state =
    lost === undefined
      ? ""
      : `${view.style("bad", "CONNECTION LOST")}: ${plainText(lost)}, this is ${age} old, retry in ${waitText(ASK_AGAIN_MS)}. `;
  const height = io.stdout.rows ?? 24;
  const end = screenEnd([], `${state}${last} q quits.`, { columns, rows: height });
  const rows = Math.max(2, height - end.length);
  // Who is missing is never pushed off the screen by who is there, nor the other way round.
  const below = fit([...missing, ...left], Math.ceil(rows / 2), "hosts that do not answer", view);
  const above = fit(body, rows - below.length, "lines", view);
  return screenFrame([...above, ...below, ...end], columns);
}

function fit(lines: readonly string[], room: number, what: string, { style }: TextView): readonly string[] {
  if (lines.length <= room) return lines;
  const kept = Math.max(0, room - 1);
  return [...lines.slice(0, kept), style("faint", `… ${lines.length - kept} more ${what}`)];
}
