import type { FleetLog } from "@mosaic/core";
import type { Agent } from "@mosaic/wire";

/** Calls back with each agent's row when it changed, and without one when it is gone; first with every row that is there. */
export class RowWatch implements Disposable {
  readonly #log: FleetLog;
  readonly #onRow: (agentName: string, row: Agent | undefined) => void;
  #rev: bigint;
  #next: Disposable | undefined;

  constructor(log: FleetLog, onRow: (agentName: string, row: Agent | undefined) => void) {
    this.#log = log;
    this.#onRow = onRow;
    this.#rev = log.rev;
    for (const row of log.state.agents()) onRow(row.name, row);
    this.#follow();
  }

  [Symbol.dispose](): void {
    this.#next?.[Symbol.dispose]();
    this.#next = undefined;
  }

  #follow(): void {
    this.#next = this.#log.onNextChange(() => {
      this.#tell();
      if (this.#next) this.#follow();
    });
  }

  #tell(): void {
    const entries = this.#log.readAfter(this.#rev, Number.MAX_SAFE_INTEGER);
    this.#rev = this.#log.rev;
    if (!Array.isArray(entries)) {
      for (const row of this.#log.state.agents()) this.#onRow(row.name, row);
      return;
    }
    for (const { change } of entries) {
      if (change.kind === "upsert") this.#onRow(change.row.name, change.row);
      if (change.kind === "delete") this.#onRow(change.key.name, undefined);
    }
  }
}
