import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { MosaicError } from "@mosaic/core";
import { startFailure } from "../exec.ts";
import type { CommandLine } from "./command-line.ts";
import { type ControlEvent, ControlParser, type OutputLineListener } from "./control-protocol.ts";
import { clientEnvironment, type TmuxProgram, tmuxArgv } from "./tmux-program.ts";

export interface ControlConnectionOptions {
  readonly tmux: TmuxProgram;
  /** Client flags of `attach-session -f`. With `ignore-size`, and as long as no size is ever sent, a control client has no
   *  say in any window's size, also when it is the only client. */
  readonly flags: string;
  /** Exact name of the session to attach to. Absent: whichever tmux picks. */
  readonly session?: string | undefined;
  /** The largest reply. A larger one is cut and counts as failed. */
  readonly maxReplyBytes: number;
  readonly onNotification: (name: string, rest: string) => void;
  /** Takes the lines that carry output whole; without it they are notifications like the others. */
  readonly onOutput?: OutputLineListener | undefined;
}

/** The answer to one {@link CommandLine}. */
export interface LineReply {
  readonly isOk: boolean;
  /** Output lines of each command that ran. */
  readonly outputs: readonly (readonly string[])[];
  /** Why it failed; empty when it did not. */
  readonly message: string;
}

export type AttachResult =
  | { readonly kind: "attached" }
  /** tmux said no, for example `can't find session: x`, `no sessions` or `no server running on …`. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The program could not be started at all. */
  | { readonly kind: "failed"; readonly error: MosaicError };

/** Thrown to whoever waits for a reply when the client ends. Never leaves this folder. */
export class ConnectionLost extends Error {}

/** Starts one `tmux -C` process attached to a session; never starts a server. Its end is told by `closed`, whoever caused
 *  it; disposal detaches, and kills the process when that takes too long. The server lives on. */
export function startControlConnection(options: ControlConnectionOptions): ControlConnection {
  return new ControlConnection(options);
}

/** Longer than any detach takes, short enough for a shutdown that somebody waits for. */
const DETACH_GRACE_MS = 500;
/** The server holds our pipes too: when it hangs they stay open after the client's end. */
const LAST_WORDS_MS = 200;
const MAX_ERROR_BYTES = 2_000;

interface PendingLine {
  readonly blocks: number;
  readonly outputs: (readonly string[])[];
  readonly resolve: (reply: LineReply) => void;
  readonly reject: (error: ConnectionLost) => void;
}

export class ControlConnection implements AsyncDisposable {
  readonly attached: Promise<AttachResult>;
  readonly closed: Promise<void>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #onNotification: ControlConnectionOptions["onNotification"];
  readonly #pending: PendingLine[] = [];
  readonly #attached = Promise.withResolvers<AttachResult>();
  readonly #closed = Promise.withResolvers<void>();
  #refusal = "";
  #isClosed = false;

  constructor(options: ControlConnectionOptions) {
    this.#onNotification = options.onNotification;
    this.attached = this.#attached.promise;
    this.closed = this.#closed.promise;
    const target = options.session === undefined ? [] : ["-t", `=${options.session}:`];
    const command = ["-C", "attach-session", "-f", options.flags, ...target];
    const [program, ...args] = [...tmuxArgv(options.tmux, { startsServer: false }), ...command] as [string, ...string[]];
    this.#child = spawn(program, args, { env: clientEnvironment(options.tmux) });
    const parser = new ControlParser(options.maxReplyBytes, (event) => this.#onEvent(event), options.onOutput);
    this.#child.stdout.on("data", (chunk: Buffer) => parser.push(chunk));
    this.#child.stderr.on("data", (chunk: Buffer) => this.#addRefusal(chunk.toString("utf8")));
    // Writing to a client that is going away fails; its end is told by `close`.
    this.#child.stdin.on("error", () => {});
    this.#child.once("error", (error) => {
      this.#attached.resolve({ kind: "failed", error: startFailure(program, undefined, error) });
      this.#close();
    });
    this.#child.once("exit", () => setTimeout(() => this.#destroyPipes(), LAST_WORDS_MS).unref());
    this.#child.once("close", () => this.#close());
  }

  /** Sends lines in one go and answers with one reply for each.
   *  @throws ConnectionLost when the client ended before all replies came */
  send(lines: readonly CommandLine[]): Promise<LineReply[]> {
    if (this.#isClosed) return Promise.reject(new ConnectionLost());
    const replies = lines.map(
      ({ blocks }) => new Promise<LineReply>((resolve, reject) => this.#pending.push({ blocks, outputs: [], resolve, reject })),
    );
    this.#child.stdin.write(lines.map(({ text }) => `${text}\n`).join(""));
    return Promise.all(replies);
  }

  /** As `send`, and calls back in the very step in which the last reply was read: before anything that the server said after
   *  it is told, which no promise can promise. Calls with undefined when the client ended before. */
  sendInOrder(lines: readonly CommandLine[], onReplies: (replies: readonly LineReply[] | undefined) => void): void {
    if (this.#isClosed) return onReplies(undefined);
    const replies: LineReply[] = [];
    const resolve = (reply: LineReply) => {
      if (replies.push(reply) === lines.length) onReplies(replies);
    };
    // Those that are lost are lost together, and the last line is always among them.
    const lose = (isLast: boolean) => (isLast ? onReplies(undefined) : undefined);
    for (const [index, { blocks }] of lines.entries()) {
      this.#pending.push({ blocks, outputs: [], resolve, reject: () => lose(index === lines.length - 1) });
    }
    this.#child.stdin.write(lines.map(({ text }) => `${text}\n`).join(""));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // An empty line is the control client's way to say goodbye. It also lets a client that is just introducing itself end
    // that first: one that is killed meanwhile takes a server before 3.7 along.
    if (!this.#isClosed) this.#child.stdin.end("\n");
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      await Promise.race([this.closed, delay(DETACH_GRACE_MS, undefined, { ref: false })]);
      if (this.#isClosed) return;
      this.#child.kill(signal);
    }
    await this.closed;
  }

  #onEvent(event: ControlEvent): void {
    if (event.kind === "notification") {
      // tmux attaches first and says so after; what was sent to a client that is not attached would be lost with it.
      if (event.name === "session-changed") this.#attached.resolve({ kind: "attached" });
      if (event.name === "exit") this.#addRefusal(event.rest);
      this.#onNotification(event.name, event.rest);
    } else if (event.isOurs) this.#onReply(event);
    else if (!event.isOk) this.#addRefusal(event.lines.join("\n"));
  }

  #onReply(event: ControlEvent & { kind: "reply" }): void {
    const [line] = this.#pending;
    if (line === undefined) return;
    const isOk = event.isOk && !event.isCut;
    if (isOk) line.outputs.push(event.lines);
    if (isOk && line.outputs.length < line.blocks) return;
    this.#pending.shift();
    const message = event.isCut ? "the answer was too large" : event.lines.join(" ");
    line.resolve({ isOk, outputs: line.outputs, message: isOk ? "" : message });
  }

  #addRefusal(text: string): void {
    this.#refusal = `${this.#refusal} ${text}`.trim().slice(0, MAX_ERROR_BYTES);
  }

  #destroyPipes(): void {
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#attached.resolve({ kind: "refused", reason: this.#refusal });
    for (const line of this.#pending.splice(0)) line.reject(new ConnectionLost());
    this.#closed.resolve();
  }
}
