import { EXIT_CODES } from "@mosaic/core/light";
import type { PsOptions } from "../commands/fleet/ps-options.ts";
import type { Io } from "../io/io.ts";
import { waitText } from "../output/age-text.ts";
import { plainText } from "../output/plain-text.ts";
import { textView } from "../output/print-result.ts";
import { psTableLines } from "../output/ps-table.ts";
import { screenEnd, screenFrame } from "../terminal/screen-frame.ts";
import { openScreen } from "../terminal/screen-session.ts";
import { feedAnswer } from "./feed-answer.ts";
import type { FeedStep, FleetFeed } from "./fleet-feed.ts";

/** Ages are shown in seconds. */
const TICK_MS = 1000;
/** Many changes at once are one redraw. */
const SETTLE_MS = 50;

/** Shows a feed on the whole terminal until a key ends it. @returns the exit code */
export async function watchOnScreen(feed: FleetFeed, options: PsOptions, io: Io): Promise<number> {
  const over = new AbortController();
  const until = AbortSignal.any([io.signal, over.signal]);
  const { promise: first, resolve: firstStep } = Promise.withResolvers<void>();
  let lost: Extract<FeedStep, { kind: "lost" }> | undefined;
  let wake = new AbortController();
  const following = feed.follow(until, (step) => {
    lost = step.kind === "lost" ? step : undefined;
    firstStep();
    wake.abort();
  });
  try {
    // What goes wrong before there is anything to show belongs on the normal screen.
    await Promise.race([first, following]);
    using session = openScreen(io);
    using _resizes = io.stdout.onResize(() => wake.abort());
    const drawing = (async () => {
      while (!until.aborted) {
        wake = new AbortController();
        io.stdout.write(frame(feed, lost, options, io));
        await io.stdout.flushed();
        await io.clock.sleep(TICK_MS, AbortSignal.any([until, wake.signal]));
        if (wake.signal.aborted) await io.clock.sleep(SETTLE_MS, until);
      }
    })();
    const end = await Promise.race([
      session.ended,
      following.then(() => "interrupted" as const),
      drawing.then(() => "interrupted" as const),
    ]);
    over.abort();
    await drawing;
    io.signal.throwIfAborted();
    return end === "quit" ? EXIT_CODES.ok : EXIT_CODES.interrupted;
  } finally {
    over.abort();
    // It ends with the signal; what it fails with then is only that.
    await following.catch(() => {});
  }
}

function frame(feed: FleetFeed, lost: Extract<FeedStep, { kind: "lost" }> | undefined, options: PsOptions, io: Io): string {
  const view = textView(io, options.globals.noColor);
  const columns = view.columns ?? 80;
  const answer = feedAnswer(feed, options, io.clock.monotonicMs());
  const { lines, remarks, footer } = psTableLines(answer, options, { ...view, columns });
  const gone = lost
    ? `${view.style("bad", "CONNECTION LOST")}: ${plainText(lost.detail)}, retry in ${waitText(lost.retryInMs)}. `
    : "";
  const rows = io.stdout.rows ?? 24;
  const below = screenEnd(remarks, `${gone}${footer} q quits.`, { columns, rows });
  const room = Math.max(1, rows - below.length);
  const shown =
    lines.length <= room ? lines : [...lines.slice(0, room - 1), view.style("faint", `… ${lines.length - room + 1} more lines`)];
  return screenFrame([...shown, ...below], columns);
}
