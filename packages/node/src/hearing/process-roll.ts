import type { Clock, ProcessTable } from "@mosaic/core";
import type { Agent } from "@mosaic/wire";

/** The process in an agent's pane: number and start together name it for good. */
export interface PaneProcess {
  readonly pid: number;
  readonly startTicks: number;
  /** When it started, in ms of the host's wall clock as that goes now: many a host starts its agents before its clock is set.
   *  Undefined: it can't be told. */
  readonly startedUnixMs: number | undefined;
  /** Since when it is known to run, by the same clock: its start, or when it was first seen. */
  readonly sinceUnixMs: number;
}

/** Which process runs in each agent's pane. */
export class ProcessRoll {
  readonly #table: ProcessTable;
  readonly #clock: Clock;
  readonly #processes = new Map<string, PaneProcess>();

  constructor(table: ProcessTable, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  /** Undefined: none runs. */
  of(agentName: string): PaneProcess | undefined {
    return this.#processes.get(agentName);
  }

  /** True while the process in the agent's pane is still the one that is known here; rows come a little after what they tell. */
  isCurrent(agentName: string): boolean {
    const known = this.#processes.get(agentName);
    return known !== undefined && (this.#table.read(known.pid)?.startTicks ?? 0) === known.startTicks;
  }

  /** Takes an agent's row, or that it has none any more. @returns true when another process runs than before */
  note(agentName: string, row: Agent | undefined): boolean {
    const before = this.#processes.get(agentName);
    const pid = row?.pane?.alive ? row.pane.pid : 0;
    if (pid === (before?.pid ?? 0)) return false;
    if (pid === 0) return this.#processes.delete(agentName);
    this.#processes.set(agentName, this.#process(pid));
    return true;
  }

  #process(pid: number): PaneProcess {
    const [table, clock, seenAtMs] = [this.#table, this.#clock, this.#clock.monotonicMs()];
    const facts = table.read(pid);
    return {
      ...{ pid, startTicks: facts?.startTicks ?? 0 },
      get startedUnixMs() {
        return facts && table.startedUnixMs?.(facts);
      },
      get sinceUnixMs() {
        return this.startedUnixMs ?? clock.nowUnixMs() - (clock.monotonicMs() - seenAtMs);
      },
    };
  }
}
