import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import type { CommandDeps } from "../command.ts";
import type { PsOptions } from "../commands/fleet/ps-options.ts";
import type { Io } from "../io/io.ts";
import { waitText } from "../output/age-text.ts";
import { textView } from "../output/print-result.ts";
import { placesFor } from "../remote/endpoints.ts";
import { takeScreen } from "../terminal/screen-session.ts";
import { feedAnswer } from "../watch/feed-answer.ts";
import type { FleetFeed } from "../watch/fleet-feed.ts";
import type { ScreenPicture } from "./agent-view.ts";
import { agentNamed, FIRST_STATE } from "./dashboard-state.ts";
import { doEffect, type Hands } from "./do-effect.ts";
import { dashboardLines, lookedAt } from "./draw-dashboard.ts";
import { drawLines } from "./draw-text.ts";
import { shownItems } from "./fleet-view.ts";
import { type FollowedScreen, followScreen } from "./follow-screen.ts";
import { type Key, readKeys } from "./key-reader.ts";
import { type Effect, pressKey } from "./press-key.ts";

/** Ages are shown in seconds. */
const TICK_MS = 1000;
/** Many changes at once are one redraw; a key is not to wait for longer. */
const SETTLE_MS = 30;
/** A notice has been read by then. */
const NOTICE_MS = 20_000;

const NO_SCREEN: ScreenPicture = { lines: [], cursorRow: undefined, problem: "" };

/** Runs the dashboard over a feed until a key ends it. @returns the exit code */
export async function runDashboard(
  feed: FleetFeed,
  options: PsOptions,
  io: Io,
  deps: CommandDeps & Pick<Hands, "newMessageId">,
): Promise<number> {
  const dashboard = new Dashboard(feed, options, io, deps);
  return await dashboard.run();
}

class Dashboard {
  readonly #feed: FleetFeed;
  readonly #options: PsOptions;
  readonly #io: Io;
  readonly #hands: Hands;
  readonly #over = new AbortController();
  readonly #end = Promise.withResolvers<number>();
  #state = FIRST_STATE;
  #wake = new AbortController();
  #firstLine = 0;
  #lost = "";
  #notice = { text: "", untilMs: 0 };
  #looked: { key: string; screen: FollowedScreen } | undefined;

  constructor(feed: FleetFeed, options: PsOptions, io: Io, deps: CommandDeps & Pick<Hands, "newMessageId">) {
    this.#feed = feed;
    this.#options = options;
    this.#io = io;
    const places = placesFor(options.isAllHosts ? "all-hosts" : "anywhere", options.globals);
    this.#hands = { places, deps, sourceLabel: `${io.hostName()}:operator`, newMessageId: deps.newMessageId };
  }

  async run(): Promise<number> {
    const { signal } = this.#io;
    const until = AbortSignal.any([signal, this.#over.signal]);
    const first = Promise.withResolvers<void>();
    const following = this.#feed.follow(until, (step) => {
      this.#lost = step.kind === "lost" ? `${step.detail}, retry in ${waitText(step.retryInMs)}` : "";
      first.resolve();
      this.#wake.abort();
    });
    try {
      // What goes wrong before there is anything to show belongs on the normal screen.
      await Promise.race([first.promise, following]);
      using _screen = takeScreen(this.#io);
      using _keys = readKeys(this.#io, (key) => this.#press(key));
      using _resizes = this.#io.stdout.onResize(() => this.#wake.abort());
      const drawing = this.#drawUntil(until);
      const interrupted = following.then(() => EXIT_CODES.interrupted);
      const code = await Promise.race([this.#end.promise, interrupted, drawing.then(() => EXIT_CODES.interrupted)]);
      this.#over.abort();
      await drawing;
      signal.throwIfAborted();
      return code;
    } finally {
      this.#over.abort();
      this.#looked?.screen[Symbol.dispose]();
      // It ends with the signal; what it fails with then is only that.
      await following.catch(() => {});
    }
  }

  async #drawUntil(until: AbortSignal): Promise<void> {
    const { stdout, clock } = this.#io;
    while (!until.aborted) {
      this.#wake = new AbortController();
      stdout.write(this.#frame());
      await stdout.flushed();
      await clock.sleep(TICK_MS, AbortSignal.any([until, this.#wake.signal]));
      if (this.#wake.signal.aborted) await clock.sleep(SETTLE_MS, until);
    }
  }

  #frame(): string {
    const size = this.#size();
    const view = textView(this.#io, this.#options.globals.noColor);
    const notice = this.#io.clock.monotonicMs() < this.#notice.untilMs ? this.#notice.text : "";
    const screen = this.#looked?.screen.picture ?? NO_SCREEN;
    const picture = { state: this.#state, answer: this.#answer(), screen, notice, lost: this.#lost, firstLine: this.#firstLine };
    const { lines, firstLine } = dashboardLines(picture, size, view);
    this.#firstLine = firstLine;
    return drawLines(lines, size);
  }

  #press(key: Key): void {
    const answer = this.#answer();
    const items = shownItems(answer, this.#state.filter);
    const shown = { items, all: answer.items, pageRows: Math.max(1, this.#size().rows - 4) };
    const { state, effect } = pressKey(this.#state, key, shown);
    this.#state = state;
    this.#follow();
    if (effect) this.#do(effect);
    this.#wake.abort();
  }

  #do(effect: Effect): void {
    if (effect.kind === "quit") return this.#end.resolve(EXIT_CODES.ok);
    if (effect.kind === "interrupt") return this.#end.resolve(EXIT_CODES.interrupted);
    if (effect.kind === "say") return this.#say(effect.text);
    this.#say(effect.kind === "send" ? `sending to ${effect.item.name} …` : `answering ${effect.item.name} …`);
    void doEffect(effect, this.#hands).then((told) => this.#say(told));
  }

  #say(text: string): void {
    this.#notice = { text, untilMs: this.#io.clock.monotonicMs() + NOTICE_MS };
    this.#wake.abort();
  }

  /** Follows the screen of the agent that is looked at, and of no other. */
  #follow(): void {
    const key = lookedAt(this.#state.mode);
    if (key === this.#looked?.key) return;
    this.#looked?.screen[Symbol.dispose]();
    const item = key === undefined ? undefined : agentNamed(key, this.#answer().items);
    const where = { places: this.#hands.places, io: this.#io, deps: this.#hands.deps, timeoutMs: this.#options.timeoutMs };
    this.#looked = key !== undefined && item ? { key, screen: followScreen(item, where, () => this.#wake.abort()) } : undefined;
  }

  #answer() {
    return feedAnswer(this.#feed, this.#options, this.#io.clock.monotonicMs());
  }

  #size() {
    return { columns: this.#io.stdout.columns ?? 80, rows: this.#io.stdout.rows ?? 24 };
  }
}

/** Says why there is no dashboard here.
 *  @throws MosaicError USAGE */
export function assertTerminal(io: Io): void {
  if (io.stdout.isTerminal && io.stdin.isTerminal && io.env["TERM"] !== "dumb") return;
  throw new MosaicError("USAGE", "the dashboard needs a terminal to draw on and keys to listen to", {
    hint: "into a file or a program: mosaic fleet ps --all-hosts --watch --jsonl",
  });
}
