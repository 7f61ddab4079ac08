import { type Clock, type Log, MosaicError } from "@mosaic/core";
import { type Announcement, toAdvertisedService } from "./announcement.ts";
import type { DiscoveryProvider, LinkProblem } from "./provider.ts";

export interface StartAdvertisingDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Called again whenever the provider before has ended. */
  readonly openProvider: () => Promise<DiscoveryProvider>;
  /** Told when `problem` changed. */
  readonly onProblem?: () => void;
}

/** A daemon that is announced, or should be. */
export interface Advertising extends AsyncDisposable {
  /** Why it is not announced anywhere now, for people; undefined: it is, on one link at least. */
  readonly problem: string | undefined;
}

/** Announces a daemon until disposed, and then says goodbye. Never throws: what does not work is logged, is told by `problem`
 *  and is tried again, after 1 s and then at intervals that double up to a minute. */
export function startAdvertising(deps: StartAdvertisingDeps, announcement: Announcement): Advertising {
  return new DaemonAdvertising(deps, announcement);
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** How long a daemon that stops waits for its goodbye to leave, in ms. */
const GOODBYE_MS = 2000;

class DaemonAdvertising implements Advertising {
  readonly #deps: StartAdvertisingDeps;
  readonly #announcement: Announcement;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #problem: string | undefined;

  constructor(deps: StartAdvertisingDeps, announcement: Announcement) {
    this.#deps = deps;
    this.#announcement = announcement;
    this.#loop = this.#run();
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    const enough = new AbortController();
    // A responder that hangs must not keep a daemon from ending.
    await Promise.race([this.#loop, this.#deps.clock.sleep(GOODBYE_MS, enough.signal)]);
    enough.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const stopped = new Promise<undefined>((resolve) => {
      signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await using provider = await this.#deps.openProvider();
        if (signal.aborted) return;
        const service = toAdvertisedService(this.#announcement);
        await using _advertised = await provider.advertise(service, (problem) => this.#onProblem(problem));
        this.#tell(undefined);
        this.#deps.log.info({ instance: service.instance, port: service.port, by: provider.name }, "announced by multicast DNS");
        const reason = await Promise.race([provider.ended, stopped]);
        if (reason === undefined) return;
        this.#deps.log.info({ reason }, "announcing anew");
        pauseMs = FIRST_PAUSE_MS / 2;
      } catch (thrown) {
        this.#tell(MosaicError.from(thrown).message);
      }
      await this.#deps.clock.sleep(pauseMs, signal);
    }
  }

  // One link of several without multicast is nothing that a person has to see to.
  #onProblem({ link, reason }: LinkProblem): void {
    if (link === undefined) this.#tell(reason);
    else this.#deps.log.debug({ reason }, "no multicast on a link");
  }

  #tell(problem: string | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    if (problem !== undefined) this.#deps.log.warn({ problem }, "not announced by multicast DNS");
    this.#deps.onProblem?.();
  }
}
