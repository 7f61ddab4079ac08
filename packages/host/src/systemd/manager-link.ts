import { join } from "node:path";
import { type Clock, type Log, MosaicError } from "@mosaic/core";
import { startFolderWatch } from "../folder-watch.ts";
import { RetryPause } from "../retry-pause.ts";
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
 *  until the connection ends; pausing, as {@link RetryPause} says. A change of the manager's socket in its folder, or a caller
 *  in need, ends a pause. */
export function createManagerLink(options: ManagerLinkOptions): ManagerLink {
  return new ManagerLink(options);
}

/** A manager that runs answers in a few ms; one that is stopped or swapping is not waited for. */
const CONNECT_TIMEOUT_MS = 5_000;
const SOCKET_NAME = "private";

export class ManagerLink implements AsyncDisposable {
  readonly #options: ManagerLinkOptions;
  readonly #over = new AbortController();
  readonly #retry: RetryPause;
  #loop: Promise<void> | undefined;
  #live: ManagerSession | undefined;
  #lostAtMs = Number.NEGATIVE_INFINITY;
  #isWarned = false;
  #waiting: ((outcome: ManagerOutcome) => void)[] = [];

  constructor(options: ManagerLinkOptions) {
    this.#options = options;
    this.#retry = new RetryPause(options.clock, this.#over.signal);
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
    this.#retry.wake();
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
    this.#retry.begin();
    const waiting = this.#waiting.splice(0);
    const outcome = await this.#attempt(directory);
    if (outcome.kind === "session") this.#live = outcome.session;
    this.#report(outcome);
    for (const tell of [...waiting, ...(outcome.kind === "session" ? this.#waiting.splice(0) : [])]) tell(outcome);
    if (outcome.kind === "session") return outcome.session;
    await (outcome.kind === "absent" ? this.#retry.afterAbsence() : this.#retry.afterFailure());
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
    await this.#retry.afterConnection(clock.monotonicMs() - connectedAtMs);
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
        if (entry === undefined || entry === SOCKET_NAME) this.#retry.wake();
      },
      // The look every 2 s is behind it.
      onFailure: (error) => this.#options.log.debug({ error: error.message }, "the folder of systemd's socket can't be watched"),
    });
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
