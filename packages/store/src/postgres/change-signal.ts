import { type Clock, type Log, MosaicError } from "@mosaic/core";
import type { Client } from "pg";
import { Listeners } from "../listeners.ts";
import type { Database } from "./database.ts";

export interface ChangeSignalDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/** Longest pause between two attempts to connect, in ms. */
const LAST_PAUSE_MS = 10_000;

/** Says that something may have changed, when PostgreSQL notifies and after each time it could not. Begins with the first listener. */
export class ChangeSignal implements AsyncDisposable {
  readonly #deps: ChangeSignalDeps;
  readonly #channel: string;
  readonly #listeners: Listeners<void>;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(deps: ChangeSignalDeps, channel: string) {
    this.#deps = deps;
    this.#channel = channel;
    this.#listeners = new Listeners((thrown) =>
      deps.log.error({ error: MosaicError.from(thrown).message }, "a listener to changes failed"),
    );
  }

  onChange(listener: () => void): Disposable {
    this.#running ??= this.#listenAgainAndAgain();
    return this.#listeners.add(listener);
  }

  tell(): void {
    this.#listeners.tell();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #listenAgainAndAgain(): Promise<void> {
    const { clock, log, random } = this.#deps;
    for (let failures = 0; !this.#stop.signal.aborted; failures += 1) {
      try {
        await this.#listen(() => {
          failures = 0;
        });
      } catch (thrown) {
        log.debug({ error: MosaicError.from(thrown).message }, "changes are not notified now; they are looked for");
      }
      // Full jitter, so that those who lost the same server don't come back together.
      await clock.sleep(random() * Math.min(LAST_PAUSE_MS, 200 * 2 ** Math.min(failures, 10)), this.#stop.signal);
    }
  }

  /** Listens until the connection ends. */
  async #listen(onListening: () => void): Promise<void> {
    const client = await this.#deps.database.connect();
    try {
      const ended = new Promise<void>((resolve) => {
        client.once("end", resolve);
        if (this.#stop.signal.aborted) resolve();
        this.#stop.signal.addEventListener("abort", () => resolve(), { once: true });
      });
      client.on("notification", () => this.tell());
      await client.query(`LISTEN ${this.#channel}`);
      onListening();
      // What was notified before is missed.
      this.tell();
      await ended;
    } finally {
      await end(client);
    }
  }
}

async function end(client: Client): Promise<void> {
  // One that is broken can't say goodbye; there is nothing more to do for it.
  await client.end().catch(() => {});
}
