import { basename, dirname } from "node:path";
import { type Clock, type Log, MosaicError } from "@mosaic/core";
import { startFolderWatch } from "../folder-watch.ts";
import { socketAnswers } from "../local-socket.ts";
import { RetryPause } from "../retry-pause.ts";
import { type AttachOutcome, attachForCommands } from "./attach.ts";
import type { AttachGate } from "./attach-gate.ts";
import type { TmuxProgram } from "./tmux-program.ts";

export interface ReconnectingOptions {
  readonly tmux: TmuxProgram;
  readonly gate: AttachGate;
  readonly holderSession: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly onNotification: (name: string, rest: string) => void;
  /** The server came, or went. */
  readonly onConnection: (isConnected: boolean) => void;
}

type Attached = AttachOutcome & { kind: "attached" };

export interface Reconnecting extends AsyncDisposable {
  /** The live connection, if there is one. */
  current(): Attached | undefined;
  /** Tries at once unless attached, and tells how the first attempt that begins after this call, or attaches, went. */
  nextOutcome(): Promise<AttachOutcome>;
  wake(): void;
  /** Gives the live connection up. */
  drop(): void;
}

/** Keeps one control client attached. States: trying; attached, until the client ends; pausing, as {@link RetryPause} says: each
 *  attempt is a process. A change of the server's socket in its folder, or a caller in need, ends a pause. Looking for the server
 *  starts no process: only an answering socket does. */
export function startReconnecting(options: ReconnectingOptions): Reconnecting {
  return new ReconnectingLink(options);
}

const SOCKET_TIMEOUT_MS = 1_000;
/** A server that was not there a moment ago is just being given its first sessions, which is no time to attach to it: see
 *  {@link AttachGate}. */
const NEWBORN_MS = 100;

class ReconnectingLink implements Reconnecting {
  readonly #options: ReconnectingOptions;
  readonly #over = new AbortController();
  readonly #retry: RetryPause;
  readonly #loop: Promise<void>;
  #live: Attached | undefined;
  #isFirst = true;
  #isWarned = false;
  #waiting: ((outcome: AttachOutcome) => void)[] = [];

  constructor(options: ReconnectingOptions) {
    this.#options = options;
    this.#retry = new RetryPause(options.clock, this.#over.signal);
    this.#loop = this.#run();
  }

  current(): Attached | undefined {
    return this.#live;
  }

  nextOutcome(): Promise<AttachOutcome> {
    if (this.#over.signal.aborted) return Promise.resolve(isOver());
    if (this.#live !== undefined) return Promise.resolve(this.#live);
    const { promise, resolve } = Promise.withResolvers<AttachOutcome>();
    this.#waiting.push(resolve);
    this.wake();
    return promise;
  }

  wake = (): void => this.#retry.wake();

  drop(): void {
    void this.#live?.connection[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#live?.connection[Symbol.asyncDispose]();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { socketPath } = this.#options.tmux;
    using _watch = startFolderWatch(dirname(socketPath), {
      onChange: (entry) => {
        if (entry === undefined || entry === basename(socketPath)) this.wake();
      },
      // The slow look at the socket is behind it.
      onFailure: (error) => this.#options.log.debug({ error: error.message }, "the folder of the tmux socket can't be watched"),
    });
    while (!this.#over.signal.aborted) await this.#once();
    for (const tell of this.#waiting.splice(0)) tell(isOver());
  }

  async #once(): Promise<void> {
    this.#retry.begin();
    const waiting = this.#waiting.splice(0);
    const outcome = await this.#try();
    this.#isFirst = false;
    this.#report(outcome);
    if (outcome.kind !== "attached") {
      for (const tell of waiting) tell(outcome);
      return outcome.kind === "no-server" ? this.#retry.afterAbsence() : this.#retry.afterFailure();
    }
    this.#live = outcome;
    for (const tell of [...waiting, ...this.#waiting.splice(0)]) tell(outcome);
    await this.#retry.afterConnection(await this.#untilClosed(outcome));
  }

  async #try(): Promise<AttachOutcome> {
    const { clock, tmux } = this.#options;
    try {
      if (!(await socketAnswers(tmux.socketPath, SOCKET_TIMEOUT_MS))) return { kind: "no-server" };
      if (!this.#isFirst) await clock.sleep(NEWBORN_MS, this.#over.signal);
      return await attachForCommands({ ...this.#options, signal: this.#over.signal });
    } catch (error) {
      return { kind: "failed", error: MosaicError.from(error) };
    }
  }

  async #untilClosed({ connection }: Attached): Promise<number> {
    const { onConnection, clock } = this.#options;
    const attachedMs = clock.monotonicMs();
    onConnection(true);
    // The end may have been asked for while the attempt was under way.
    if (this.#over.signal.aborted) await connection[Symbol.asyncDispose]();
    await connection.closed;
    this.#live = undefined;
    onConnection(false);
    return clock.monotonicMs() - attachedMs;
  }

  #report(outcome: AttachOutcome): void {
    const { log, tmux } = this.#options;
    const socket = tmux.socketName;
    if (outcome.kind === "attached") log.info({ socket }, "connected to the tmux server");
    else if (outcome.kind !== "failed") log.debug({ socket, outcome: outcome.kind }, "no tmux server to connect to");
    else if (!this.#isWarned && !this.#over.signal.aborted) {
      log.warn({ socket, error: outcome.error.message }, "can't connect to the tmux server; trying again");
    }
    this.#isWarned = outcome.kind === "failed";
  }
}

function isOver(): AttachOutcome {
  return { kind: "failed", error: new MosaicError("CANCELLED", "the tmux connection was closed") };
}
