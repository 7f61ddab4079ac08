import type { CommandDeps, CommandResult } from "../../command.ts";
import { exitCodeOf } from "../../fleet/ps-answer.ts";
import type { Io } from "../../io/io.ts";
import { plainText, safeJson } from "../../output/plain-text.ts";
import { textView } from "../../output/print-result.ts";
import { psTable } from "../../output/ps-table.ts";
import { feedAnswer } from "../../watch/feed-answer.ts";
import type { FleetFeed } from "../../watch/fleet-feed.ts";
import { openFeed } from "../../watch/open-feed.ts";
import { watchLines } from "../../watch/watch-lines.ts";
import { watchOnScreen } from "../../watch/watch-screen.ts";
import type { PsOptions } from "./ps-options.ts";

/** How often the table is printed again into a pipe, at most, in ms. */
const REPRINT_MS = 1000;

/** Stays with a fleet: as JSON lines, as a screen that keeps up, or, into a pipe, as a table after every change. */
export async function watchFleet(options: PsOptions, io: Io, deps: CommandDeps): Promise<CommandResult> {
  await using stack = new AsyncDisposableStack();
  const feed = await openFeed(options, io, deps, stack);
  if (options.isJsonLines) await writeLines(feed, io);
  else if (io.stdout.isTerminal && io.env["TERM"] !== "dumb") return { exitCode: await watchOnScreen(feed, options, io) };
  else await reprint(feed, options, io);
  io.signal.throwIfAborted();
  return { exitCode: exitCodeOf(feedAnswer(feed, options, io.clock.monotonicMs()), options.allowPartial, options.isStrict) };
}

async function writeLines(feed: FleetFeed, io: Io): Promise<void> {
  await feed.follow(io.signal, (step) => {
    const lines = [...watchLines(step, feed, io.clock.monotonicMs())].map((line) => `${safeJson(line)}\n`);
    io.stdout.write(lines.join(""));
  });
}

async function reprint(feed: FleetFeed, options: PsOptions, io: Io): Promise<void> {
  let isDue = false;
  let isFirst = true;
  const print = () => {
    isDue = false;
    const view = textView(io, options.globals.noColor);
    const table = psTable(
      feedAnswer(feed, options, io.clock.monotonicMs()),
      options,
      options.isWide ? { ...view, columns: undefined } : view,
    );
    io.stdout.write(isFirst ? table : `\n${table}`);
    isFirst = false;
  };
  await feed.follow(io.signal, (step) => {
    if (step.kind === "lost") return io.stderr.write(`mosaic: ${plainText(step.detail)}; trying again\n`);
    if (isFirst) return print();
    if (isDue) return;
    isDue = true;
    void io.clock.sleep(REPRINT_MS, io.signal).then(() => {
      if (isDue && !io.signal.aborted) print();
    });
  });
}
