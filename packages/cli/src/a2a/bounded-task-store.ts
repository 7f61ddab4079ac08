import type { ListTasksRequest, ListTasksResponse, Task } from "@a2a-js/sdk";
import { InMemoryTaskStore, type ServerCallContext, type TaskStore } from "@a2a-js/sdk/server";

/** Tasks that are kept at least, the newest ones; at most twice as many. What became of older ones, their receipts still tell. */
const KEPT = 1000;

/** Keeps the newest tasks in memory, so that a server that runs for months does not grow. */
export class BoundedTaskStore implements TaskStore {
  readonly #kept: number;
  #young = new Map<string, Task>();
  #old = new Map<string, Task>();

  constructor(kept = KEPT) {
    this.#kept = kept;
  }

  async save(task: Task): Promise<void> {
    this.#young.set(task.id, structuredClone(task));
    if (this.#young.size <= this.#kept) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  async load(taskId: string): Promise<Task | undefined> {
    const task = this.#young.get(taskId) ?? this.#old.get(taskId);
    return task && structuredClone(task);
  }

  /** Filtered and paged as the library's own store does it. */
  async list(params: ListTasksRequest, context: ServerCallContext): Promise<ListTasksResponse> {
    const whole = new InMemoryTaskStore();
    for (const task of [...this.#old.values(), ...this.#young.values()]) await whole.save(task, context);
    return await whole.list(params, context);
  }
}
