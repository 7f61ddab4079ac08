import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";

type Response = ServerResponse | Http2ServerResponse;

/** How long nothing of a response may leave us while more is to be written, in ms: who does not read for so long does not look any
 *  more, though its machine still answers pings. */
const UNREAD_TIMEOUT_MS = 60_000;
const CHECKS_PER_TIMEOUT = 12;

/** Ends responses that their clients stopped reading, so that what a handler holds for them is freed. Nothing can be said to them
 *  any more: what was said before is still on its way. */
export class UnreadResponses {
  readonly #open = new Map<Response, { stuckSinceMs: number | undefined }>();
  readonly #timeoutMs: number;

  /** @param stop ends the looking */
  constructor(stop: AbortSignal, timeoutMs = UNREAD_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
    const timer = setInterval(() => this.#check(performance.now()), timeoutMs / CHECKS_PER_TIMEOUT);
    timer.unref();
    stop.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  /** Looks after a response until it is closed. */
  add(response: Response): void {
    const state = { stuckSinceMs: undefined as number | undefined };
    this.#open.set(response, state);
    // Something left: the client reads, however slowly.
    response.on("drain", () => {
      state.stuckSinceMs = undefined;
    });
    response.once("close", () => this.#open.delete(response));
  }

  #check(nowMs: number): void {
    for (const [response, state] of this.#open) {
      if (!isStuck(response)) state.stuckSinceMs = undefined;
      else if (state.stuckSinceMs === undefined) state.stuckSinceMs = nowMs;
      else if (nowMs - state.stuckSinceMs >= this.#timeoutMs) end(response);
    }
  }
}

function isStuck(response: Response): boolean {
  return "stream" in response ? (response.stream?.writableNeedDrain ?? false) : response.writableNeedDrain;
}

function end(response: Response): void {
  if ("stream" in response) response.stream?.destroy();
  else response.destroy();
}
