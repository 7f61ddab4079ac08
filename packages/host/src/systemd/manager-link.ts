import { join } from "node:path";
import { type Clock, type Log, MosaicError } from "@mosaic/core";
import { startFolderWatch } from "../folder-watch.ts";
import { startDeadline } from "../tmux/deadline.ts";
import { linkIsOver, type ManagerOutcome, toUnreached } from "./manager-outcome.ts";
import { type ManagerSession, openSession } from "./manager-session.ts";

export interface ManagerLinkOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Asked before each attempt: the first login of a user makes the folder. Undefined while there is none. */
  readonly runtimeDirectory: () => string | undefined;
  /** Told of a unit that may have changed; `undefined`: any may, for example because the manager came or went. */
  readonly onChange: (unit: string | undefined) => void;
}

/** Keeps one connection to the user manager, from the first use on. States: idle, until the first use; trying; connected,
 *  until the connection ends; pausing, for 2 s when there is no manager, after a failure for a time that doubles from 50 ms
 *  to 2 s. A change of the manager's socket in its folder, or a caller in need, ends a pause; after a failure never its first
 *  50 ms, so that no storm of events becomes a storm of attempts. */
export function createManagerLink(options: ManagerLinkOptions): ManagerLink {
  return new ManagerLink(options);
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** A manager that runs answers in a few ms; one that is stopped or swapping is not waited for. */
const CONNECT_TIMEOUT_MS = 5_000;
/** A connection that lived as long was no failure. */
const STABLE_MS = 1_000;
const SOCKET_NAME = "private";

export class ManagerLink implements AsyncDisposable {
  readonly #options: ManagerLinkOptions;
  readonly #over = new AbortController();
  #loop: Promise<void> | undefined;
  #live: ManagerSession | undefined;
  #failures = 0;
  #lostAtMs = Number.NEGATIVE_INFINITY;
  #isWarned = false;
  #isAwake = false;
  #endPause = () => {};
  #waiting: ((outcome: ManagerOutcome) => void)[] = [];

  constructor(options: ManagerLinkOptions) {
    this.#options = options;
  }

  /** Begins to connect, if that has not been asked for yet. */
  start(): void {
    this.#loop ??= this.#run();
  }

  /** The live session, or how the first attempt that begins after this call went: at once, unless attempts keep failing. */
  outcome(): Promise<ManagerOutcome> {
    if (this.#over.signal.aborted) return Promise.resolve(linkIsOver());
    if (this.#live !== undefined) return Promise.resolve({ kind: "session", session: this.#live });
    const { promise, resolve } = Promise.withResolvers<ManagerOutcome>();
    this.#waiting.push(resolve);
    this.#wake();
    this.start();
    return promise;
  }

  /** How long ago the last session ended; infinite when there was none. */
  lostForMs(): number {
    return this.#options.clock.monotonicMs() - this.#lostAtMs;
  }

  /** Gives a session up that is of no use any more. */
  drop(session: ManagerSession): void {
    if (this.#live === session) this.#live = undefined;
    session.bus[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    this.#live?.bus[Symbol.dispose]();
    await this.#loop;
  }

  #wake = (): void => {
    this.#isAwake = true;
    this.#endPause();
  };

  async #run(): Promise<void> {
    while (!this.#over.signal.aborted) {
      const session = await this.#seek();
      if (session !== undefined) await this.#keep(session);
    }
    for (const tell of this.#waiting.splice(0)) tell(linkIsOver());
  }

  async #seek(): Promise<ManagerSession | undefined> {
    const directory = this.#options.runtimeDirectory();
    // It is there before the look, so that a socket which appears right after the look is noticed.
    using _watch = this.#watch(directory);
    this.#isAwake = false;
    const waiting = this.#waiting.splice(0);
    const outcome = await this.#attempt(directory);
    if (outcome.kind === "session") this.#live = outcome.session;
    this.#report(outcome);
    for (const tell of [...waiting, ...(outcome.kind === "session" ? this.#waiting.splice(0) : [])]) tell(outcome);
    if (outcome.kind === "session") return outcome.session;
    this.#failures = outcome.kind === "absent" ? 0 : this.#failures + 1;
    await this.#pause(outcome.kind === "absent" ? LONGEST_PAUSE_MS : 0);
    return undefined;
  }

  async #keep(session: ManagerSession): Promise<void> {
    const { clock, onChange, log } = this.#options;
    const connectedAtMs = clock.monotonicMs();
    onChange(undefined);
    // The end may have been asked for while the attempt was under way.
    if (this.#over.signal.aborted) session.bus[Symbol.dispose]();
    await session.bus.closed;
    this.#lostAtMs = clock.monotonicMs();
    if (this.#live === session) this.#live = undefined;
    onChange(undefined);
    if (!this.#over.signal.aborted) log.info({}, "the connection to systemd's user manager ended");
    this.#failures = clock.monotonicMs() - connectedAtMs >= STABLE_MS ? 0 : this.#failures + 1;
    await this.#pause(0);
  }

  async #attempt(runtimeDirectory: string | undefined): Promise<ManagerOutcome> {
    if (runtimeDirectory === undefined) return { kind: "absent", reason: "this user has no runtime folder (XDG_RUNTIME_DIR)" };
    const socketPath = join(runtimeDirectory, "systemd", SOCKET_NAME);
    const { clock, onChange } = this.#options;
    const giveUp = new AbortController();
    const signal = this.#over.signal;
    const late = () => new MosaicError("MACHINE", `systemd's user manager at "${socketPath}" does not answer`);
    using deadline = startDeadline(clock, CONNECT_TIMEOUT_MS, signal, late);
    try {
      const opening = openSession({ socketPath, runtimeDirectory, clock, onChange, signal: giveUp.signal });
      return { kind: "session", session: await deadline.race(opening) };
    } catch (error) {
      return toUnreached(socketPath, error);
    } finally {
      giveUp.abort();
    }
  }

  #watch(runtimeDirectory: string | undefined): Disposable | undefined {
    if (runtimeDirectory === undefined) return undefined;
    return startFolderWatch(join(runtimeDirectory, "systemd"), {
      onChange: (entry) => {
        if (entry === undefined || entry === SOCKET_NAME) this.#wake();
      },
      // The look every 2 s is behind it.
      onFailure: (error) => this.#options.log.debug({ error: error.message }, "the folder of systemd's socket can't be watched"),
    });
  }

  async #pause(atLeastMs: number): Promise<void> {
    const { clock } = this.#options;
    const over = this.#over.signal;
    const backoffMs = this.#failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    if (backoffMs > 0) await clock.sleep(FIRST_PAUSE_MS, over);
    const restMs = Math.max(atLeastMs, backoffMs - FIRST_PAUSE_MS);
    if (restMs <= 0 || this.#isAwake) return;
    const woken = new AbortController();
    this.#endPause = () => woken.abort();
    await clock.sleep(restMs, AbortSignal.any([over, woken.signal]));
    this.#endPause = () => {};
  }

  #report(outcome: ManagerOutcome): void {
    const { log } = this.#options;
    if (outcome.kind === "session") log.info({}, "connected to systemd's user manager");
    else if (outcome.kind === "absent") log.debug({ reason: outcome.reason }, "no systemd user manager to connect to");
    else if (!this.#isWarned && !this.#over.signal.aborted) {
      log.warn({ error: outcome.error.message }, "can't connect to systemd's user manager; trying again");
    }
    this.#isWarned = outcome.kind === "failed";
  }
}
