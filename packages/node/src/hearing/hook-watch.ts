import type { Clock } from "@mosaic/core";
import type { Agent } from "@mosaic/wire";
import type { MannersOf } from "../delivery/manners.ts";
import type { HeartbeatRegistry } from "../heartbeat-registry.ts";
import { whyHookless } from "./hookless.ts";
import type { ProcessRoll } from "./process-roll.ts";

export interface HookWatchDeps {
  readonly processes: ProcessRoll;
  readonly registry: Pick<HeartbeatRegistry, "said">;
  readonly mannersOf: MannersOf;
  readonly rowOf: (agentName: string) => Agent | undefined;
  readonly clock: Clock;
}

/** Watches whether the hooks of agents' processes really fire. */
export class HookWatch {
  readonly #deps: HookWatchDeps;
  readonly #entered = new Map<string, { readonly pid: number; readonly atUnixMs: number }>();

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

  /** Why the agent's hooks count as dead; empty: they don't, or it has none. */
  why(agentName: string): string {
    const { processes, registry, mannersOf, rowOf, clock } = this.#deps;
    const row = rowOf(agentName);
    const manners = row && mannersOf(row.runtime);
    const process = processes.of(agentName);
    // Another program than the roster's is a fault of its own.
    if (!manners?.hear || !process || row?.driftRuntime !== undefined) return "";
    const entered = this.#entered.get(agentName);
    return whyHookless({
      runtime: row?.runtime ?? "",
      announcesStart: manners.announcesStart ?? true,
      process,
      isHeard: registry.said(agentName)?.reading.processPid === process.pid,
      enteredAtUnixMs: entered?.pid === process.pid ? entered.atUnixMs : undefined,
      nowUnixMs: clock.nowUnixMs(),
    });
  }
}
