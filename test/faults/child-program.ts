import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A program of these experiments in a process of its own. Disposing kills it. */
export class ChildProgram implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts one of the programs beside this file, and waits for its first word. */
  static async start(file: string, ...args: readonly string[]): Promise<ChildProgram> {
    const program = new ChildProgram(fork(new URL(file, import.meta.url), args));
    await program.#answer();
    return program;
  }

  /** Sends a question, and waits for the answer. */
  async ask<T>(): Promise<T> {
    this.#child.send("ask");
    return await this.#answer<T>();
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  async #answer<T>(): Promise<T> {
    const child = this.#child;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const onMessage = (message: unknown) => resolve(message as T);
    const onExit = () => reject(new Error(`a program of the experiment ended with ${child.exitCode ?? child.signalCode}`));
    child.once("message", onMessage);
    child.once("exit", onExit);
    try {
      return await promise;
    } finally {
      child.off("message", onMessage);
      child.off("exit", onExit);
    }
  }
}
