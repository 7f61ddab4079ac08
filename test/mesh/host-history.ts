import { setTimeout as delay } from "node:timers/promises";
import { type RawPlace, rawCall } from "./raw-call.ts";

/** One answer to one List. */
export interface HostMoment {
  /** Wall clock when the answer was there. */
  readonly atUnixMs: number;
  /** Host states by host name, for example `LIVE`. */
  readonly states: ReadonlyMap<string, string>;
  readonly tookMs: number;
}

/** Asks a server for its hosts all the time, and keeps what it answered. An unanswered question is no answer: whether
 *  somebody serves is for others to test. Disposing ends it. */
export class HostHistory implements AsyncDisposable {
  readonly moments: HostMoment[] = [];
  readonly #stop = new AbortController();
  readonly #asking: Promise<void>;

  constructor(place: RawPlace, everyMs = 25) {
    this.#asking = this.#ask(place, everyMs);
  }

  /** When a host was first seen in a state since an instant, or undefined. */
  firstUnixMs(host: string, state: string, sinceUnixMs: number): number | undefined {
    return this.moments.find((moment) => moment.atUnixMs >= sinceUnixMs && moment.states.get(host) === state)?.atUnixMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#asking;
  }

  async #ask(place: RawPlace, everyMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const startedMs = performance.now();
      // Nobody serves while the aggregator is being killed and started again.
      const reply = await rawCall(place, "List", { pageSize: 1 }).catch(() => undefined);
      const tookMs = performance.now() - startedMs;
      if (reply?.status === 200) this.moments.push({ atUnixMs: Date.now(), states: statesIn(reply.body), tookMs });
      await delay(everyMs);
    }
  }
}

function statesIn(body: string): Map<string, string> {
  const { hosts = [] } = JSON.parse(body) as { hosts?: { host: string; state?: string }[] };
  return new Map(hosts.map(({ host, state = "UNSPECIFIED" }) => [host, state.replace("HOST_STATE_", "")]));
}
