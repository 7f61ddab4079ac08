import { type Clock, MosaicError } from "@mosaic/core/light";
import { type FleetClient, fromConnectError } from "@mosaic/rpc";
import type { LogPosition, LogSource, ReadLogResponse } from "@mosaic/wire";
import { type PlacedLine, placeLines } from "./fleet-log-line.ts";
import type { LogTarget } from "./log-targets.ts";
import { type LogRequest, targetName } from "./read-target.ts";

/** What happens to a log that is followed. */
export type LogNews =
  | { readonly kind: "lines"; readonly lines: readonly PlacedLine[] }
  /** Lines are missing from here on: how many, or, after a restart, nobody knows. */
  | { readonly kind: "gap"; readonly missed: number; readonly isRestarted: boolean }
  /** Everything is told that was there at the beginning. */
  | { readonly kind: "caught-up" }
  /** It can't be read now; it is tried again. */
  | { readonly kind: "lost"; readonly error: MosaicError }
  /** It is read again, from where it was lost. */
  | { readonly kind: "back" };

export interface FollowTargetDeps {
  readonly client: FleetClient;
  readonly clock: Clock;
  readonly onNews: (target: LogTarget, news: LogNews) => void;
}

/** A daemon that has nothing to say says so every 10 s: one that is silent for longer is gone, or the way to it, in ms. */
const SILENT_AFTER_MS = 35_000;
const LOOK_EVERY_MS = 5000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

/** Failures that no other attempt will cure. */
const FINAL: ReadonlySet<string> = new Set(["NOT_ALLOWED", "NOT_HERE", "USAGE", "HOST_NOT_FOUND", "IDENTITY_REFUSED"]);

/** Follows one daemon's log until the signal aborts, over lost connections and restarts: it goes on where it was.
 *  @returns why it can't be followed any more; undefined: the signal aborted */
export async function followTarget(
  { client, clock, onNews }: FollowTargetDeps,
  target: LogTarget,
  request: LogRequest,
  signal: AbortSignal,
): Promise<MosaicError | undefined> {
  const reader = new LogReader(target, clock, onNews);
  let failures = 0;
  while (!signal.aborted) {
    const error = await reader.read(client, request, signal, () => {
      failures = 0;
    });
    if (signal.aborted) return undefined;
    if (FINAL.has(error.code)) return error;
    reader.lose(error);
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    failures += 1;
    await clock.sleep(Math.max(pauseMs, error.retryAfterMs ?? 0), signal);
  }
  return undefined;
}

/** Where somebody stands in one log, over any number of calls. */
class LogReader {
  readonly #target: LogTarget;
  readonly #clock: Clock;
  readonly #onNews: FollowTargetDeps["onNews"];
  #after: LogPosition | undefined;
  #source: { readonly told: LogSource; readonly atMs: number } | undefined;
  #isLost = false;

  constructor(target: LogTarget, clock: Clock, onNews: FollowTargetDeps["onNews"]) {
    this.#target = target;
    this.#clock = clock;
    this.#onNews = onNews;
  }

  /** Reads one call to its end. @returns why it ended */
  async read(client: FleetClient, request: LogRequest, signal: AbortSignal, onHeard: () => void): Promise<MosaicError> {
    const stop = new AbortController();
    const call = AbortSignal.any([signal, stop.signal]);
    let heardAtMs = this.#clock.monotonicMs();
    const watch = async () => {
      while (!call.aborted && this.#clock.monotonicMs() - heardAtMs < SILENT_AFTER_MS)
        await this.#clock.sleep(LOOK_EVERY_MS, call);
      stop.abort(new MosaicError("DEADLINE", `nothing was heard for ${SILENT_AFTER_MS / 1000} s`));
    };
    const watching = watch();
    try {
      for await (const response of client.readLog(
        { ...request, ...(this.#after ? { after: this.#after } : {}) },
        { signal: call },
      )) {
        heardAtMs = this.#clock.monotonicMs();
        onHeard();
        this.#take(response);
      }
      return new MosaicError("HOST_UNREACHABLE", "the stream ended");
    } catch (thrown) {
      if (stop.signal.aborted) return MosaicError.from(stop.signal.reason);
      return fromConnectError(thrown, `log of ${targetName(this.#target)}`);
    } finally {
      stop.abort();
      await watching;
    }
  }

  /** Says once that it can't be read. */
  lose(error: MosaicError): void {
    if (!this.#isLost) this.#tell({ kind: "lost", error });
    this.#isLost = true;
  }

  #take({ source, lines, missed, restarted, position, caughtUp }: ReadLogResponse): void {
    if (source) this.#source = { told: source, atMs: this.#clock.monotonicMs() };
    if (this.#isLost) this.#tell({ kind: "back" });
    this.#isLost = false;
    if (missed > 0n || restarted) this.#tell({ kind: "gap", missed: Number(missed), isRestarted: restarted });
    if (lines.length > 0 && this.#source) {
      const { told, atMs } = this.#source;
      const hostNowUnixMs = Number(told.asOfUnixMs) + Math.round(this.#clock.monotonicMs() - atMs);
      this.#tell({ kind: "lines", lines: placeLines(told, lines, hostNowUnixMs) });
    }
    if (position) this.#after = position;
    if (caughtUp) this.#tell({ kind: "caught-up" });
  }

  #tell(news: LogNews): void {
    this.#onNews(this.#target, news);
  }
}
