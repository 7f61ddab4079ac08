import type { CastEvent } from "@mosaic/core/recordings";
import type { Io } from "../io/io.ts";
import { createPlayableFilter } from "./playable-text.ts";

export interface PlayOptions {
  /** 2 is twice as fast. */
  readonly speed: number;
  /** The longest pause, in ms as they pass here. */
  readonly idleLimitMs: number | undefined;
  /** What came before this moment is drawn at once. */
  readonly fromMs: number;
}

/** Plays a recording in the terminal, in its own time.
 *  @returns why it ended */
export async function playCast(
  events: AsyncIterable<CastEvent>,
  options: PlayOptions,
  io: Io,
): Promise<"played" | "quit" | "interrupted"> {
  using stack = new DisposableStack();
  const stop = new AbortController();
  let end: "quit" | "interrupted" = "quit";
  // The terminal's own keys, and whatever it may answer, go here and not to the shell that follows.
  if (io.stdin.isTerminal) {
    stack.use(
      io.stdin.openKeys((keys) => {
        if (!/^[qQ\x1b\x03]$/.test(keys)) return;
        end = keys === "\x03" ? "interrupted" : "quit";
        stop.abort();
      }),
    );
  }
  stack.defer(() => io.stdout.write(PUT_BACK));
  const signal = AbortSignal.any([io.signal, stop.signal]);
  await playAll(events, options, io, signal);
  if (io.signal.aborted) return "interrupted";
  return stop.signal.aborted ? end : "played";
}

async function playAll(events: AsyncIterable<CastEvent>, options: PlayOptions, io: Io, signal: AbortSignal): Promise<void> {
  const filter = createPlayableFilter();
  const startedMs = io.clock.monotonicMs();
  let [dueMs, lastMs] = [0, options.fromMs];
  for await (const event of events) {
    const gapMs = Math.max(0, event.atMs - lastMs) / options.speed;
    lastMs = Math.max(lastMs, event.atMs);
    // Against the beginning, so that what drawing takes does not add up.
    dueMs += Math.min(gapMs, options.idleLimitMs ?? gapMs);
    const waitMs = dueMs - (io.clock.monotonicMs() - startedMs);
    if (waitMs > 0) await io.clock.sleep(waitMs, signal);
    if (signal.aborted) return;
    if (event.kind !== "output") continue;
    io.stdout.write(filter.push(event.text));
    await io.stdout.flushed();
  }
}

/** Undoes what a recording may leave behind when it ends in the middle: colours, regions, modes, the other screen, a hidden
 *  cursor; and leaves the cursor below all of it. */
const PUT_BACK = "\x18\x0f\x1b(B\x1b[0m\x1b[r\x1b[?6l\x1b[4l\x1b[?7h\x1b[?2026l\x1b[?1047l\x1b[?25h\x1b[0 q\x1b[999;1H\r\n";
