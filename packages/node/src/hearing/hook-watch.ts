import type { AgentSaid, Clock } from "@mosaic/core";
import { type Agent, HeartbeatStatus } from "@mosaic/wire";
import type { MannersOf } from "../delivery/manners.ts";
import type { HeartbeatRegistry } from "../heartbeat-registry.ts";
import { START_MS, whyHookless } from "./hookless.ts";
import type { PaneProcess, ProcessRoll } from "./process-roll.ts";

export interface HookWatchDeps {
  readonly processes: ProcessRoll;
  readonly registry: Pick<HeartbeatRegistry, "said">;
  readonly mannersOf: MannersOf;
  readonly rowOf: (agentName: string) => Agent | undefined;
  readonly clock: Clock;
}

/** What a terminal showed since its process was last heard. */
interface Shown {
  readonly pid: number;
  readonly sinceUnixMs: number;
  readonly lastUnixMs: number;
  readonly shownMs: number;
}

/** What a terminal shows within this time after the last thing is one piece of work, in ms; rows tell of it every 5 s. */
const ONE_PIECE_MS = 10_000;

/** Watches whether the hooks of agents' processes really fire. */
export class HookWatch {
  readonly #deps: HookWatchDeps;
  readonly #entered = new Map<string, { readonly pid: number; readonly atUnixMs: number }>();
  readonly #shown = new Map<string, Shown>();

  constructor(deps: HookWatchDeps) {
    this.#deps = deps;
  }

  /** Notes that a message was entered just now. */
  noteEntered(agentName: string): void {
    const { processes, clock } = this.#deps;
    const pid = processes.of(agentName)?.pid;
    if (pid !== undefined) this.#entered.set(agentName, { pid, atUnixMs: clock.nowUnixMs() });
    else this.#entered.delete(agentName);
  }

  /** Notes what an agent's row tells of its terminal; without one it is gone. */
  noteRow(agentName: string, row: Agent | undefined): void {
    const process = this.#deps.processes.of(agentName);
    if (!process || !row?.pane) return void this.#shown.delete(agentName);
    const before = this.#shown.get(agentName);
    const sinceUnixMs = this.#heardAtUnixMs(agentName, process) ?? 0;
    const lastUnixMs = Number(row.pane.lastActivityUnixMs);
    const isSame = before?.pid === process.pid && before.sinceUnixMs === sinceUnixMs;
    const movedMs = isSame ? lastUnixMs - before.lastUnixMs : 0;
    const shownMs = (isSame ? before.shownMs : 0) + (movedMs <= ONE_PIECE_MS ? Math.max(0, movedMs) : 0);
    this.#shown.set(agentName, { pid: process.pid, sinceUnixMs, lastUnixMs, shownMs });
  }

  /** True while an agent has not said yet that it started, though its runtime does, and may still say so: what is typed before may
   *  stay in its composer (measured: claude). One that is silent for longer is typed to all the same; see {@link whyHookless}. */
  isStarting(agentName: string): boolean {
    const heard = this.#heardRuntime(agentName);
    if (!heard || heard.manners.announcesStart === false) return false;
    const isHeard = this.#heardAtUnixMs(agentName, heard.process) !== undefined;
    return !isHeard && this.#deps.clock.nowUnixMs() - heard.process.sinceUnixMs < START_MS;
  }

  /** Why the agent's hooks count as dead; empty: they don't, or it has none. */
  why(agentName: string): string {
    const { registry, clock } = this.#deps;
    const heard = this.#heardRuntime(agentName);
    if (!heard) return "";
    const { process, runtime, manners } = heard;
    const [entered, shown] = [this.#entered.get(agentName), this.#shown.get(agentName)];
    return whyHookless({
      ...{ runtime, process, announcesStart: manners.announcesStart ?? true },
      heardAtUnixMs: this.#heardAtUnixMs(agentName, process),
      isInTurn: isInTurn(registry.said(agentName)),
      enteredAtUnixMs: entered?.pid === process.pid ? entered.atUnixMs : undefined,
      shownMs: shown?.pid === process.pid ? shown.shownMs : 0,
      nowUnixMs: clock.nowUnixMs(),
    });
  }

  #heardRuntime(agentName: string) {
    const { processes, mannersOf, rowOf } = this.#deps;
    const row = rowOf(agentName);
    const manners = row && mannersOf(row.runtime);
    const process = processes.of(agentName);
    // Another program than the roster's is a fault of its own.
    if (!manners?.hear || !process || row?.driftRuntime !== undefined) return undefined;
    return { runtime: row?.runtime ?? "", manners, process };
  }

  #heardAtUnixMs(agentName: string, { pid }: PaneProcess): number | undefined {
    const reading = this.#deps.registry.said(agentName)?.reading;
    return reading?.processPid === pid ? Math.max(reading.atUnixMs, reading.progressAtUnixMs ?? 0) : undefined;
  }
}

function isInTurn(said: AgentSaid | undefined): boolean {
  return said?.reading.status === HeartbeatStatus.BUSY || said?.reading.status === HeartbeatStatus.WAITING;
}
