import { Worker } from "node:worker_threads";
import type { WorkerAnswer, WorkerOptions, WorkerRequest } from "./worker-messages.ts";

/** Asks the worker, one thing at a time, and starts another when it died. */
export class WorkerLink {
  readonly #options: WorkerOptions;
  #worker: Worker | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Never rejects: a worker that dies has failed, and nobody knows how far it came. */
  async ask(request: WorkerRequest): Promise<WorkerAnswer> {
    try {
      this.#worker ??= await startWorker(this.#options);
      return await askWorker(this.#worker, request);
    } catch (thrown) {
      await this.#worker?.terminate();
      this.#worker = undefined;
      const message = `the thread that writes has ended: ${(thrown as Error).message}`;
      return { kind: "failed", failure: { sqliteCode: undefined, systemCode: undefined, message }, isDoubtful: true };
    }
  }

  /** Closes the database, then ends the worker. */
  async close(): Promise<void> {
    if (this.#worker === undefined) return;
    await this.ask({ kind: "close" });
    await this.#worker?.terminate();
    this.#worker = undefined;
  }
}

async function startWorker(workerData: WorkerOptions): Promise<Worker> {
  const { SQLITE_WORKER_URL } = await import("./sqlite-worker.ts");
  const worker = new Worker(new URL(SQLITE_WORKER_URL), { workerData, name: "message-store" });
  // A worker without work keeps no program alive. Its death between two questions is seen at the next one.
  worker.unref();
  worker.on("error", () => {});
  return worker;
}

function askWorker(worker: Worker, request: WorkerRequest): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number) => end(() => reject(new Error(`it exited with ${code}`)));
    const onError = (error: Error) => end(() => reject(error));
    const onMessage = (answer: WorkerAnswer) => end(() => resolve(answer));
    const end = (settle: () => void) => {
      worker.off("exit", onExit).off("error", onError).off("message", onMessage).unref();
      settle();
    };
    // A worker that is gone already takes questions without a word.
    if (worker.threadId === -1) return reject(new Error("it is gone"));
    worker.on("exit", onExit).on("error", onError).on("message", onMessage).ref();
    worker.postMessage(request);
  });
}
