import { withRecordingStopped } from "@mosaic/core";
import type { Agent } from "@mosaic/wire";

interface Remark {
  readonly row: Agent;
  readonly reason: string;
  readonly remarked: Agent;
}

/** Tells in agents' rows that they should be recorded and are not. */
export class RecordingRemarks {
  readonly #problems: () => ReadonlyMap<string, string>;
  #remarks = new Map<string, Remark>();

  /** @param problems agents that should be recorded and are not, with the reason */
  constructor(problems: () => ReadonlyMap<string, string>) {
    this.#problems = problems;
  }

  /** The rows, with a condition on those whose terminal is there and is not recorded. A row of the same facts and the same
   *  reason is the same object as before, as it is without a remark. */
  addTo(rows: readonly Agent[]): readonly Agent[] {
    const problems = this.#problems();
    if (problems.size === 0) {
      this.#remarks.clear();
      return rows;
    }
    const remarks = new Map<string, Remark>();
    const told = rows.map((row) => {
      const reason = problems.get(row.name);
      // Where nothing runs there is nothing to record.
      if (reason === undefined || !row.pane?.alive) return row;
      const remark = this.#remark(row, reason);
      remarks.set(row.name, remark);
      return remark.remarked;
    });
    this.#remarks = remarks;
    return told;
  }

  #remark(row: Agent, reason: string): Remark {
    const before = this.#remarks.get(row.name);
    if (before?.row === row && before.reason === reason) return before;
    return { row, reason, remarked: withRecordingStopped(row, reason) };
  }
}
