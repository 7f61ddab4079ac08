import type { ProcessFacts } from "../ports/process-table.ts";
import type { PaneFacts } from "../ports/terminal-server.ts";
import type { Planes } from "./planes.ts";

interface Look {
  readonly pid: number;
  readonly command: string;
  readonly untilMs: number;
  readonly process: ProcessFacts | undefined;
  readonly children: readonly ProcessFacts[];
  /** By the roster's runtime. */
  readonly drift: Map<string, string | undefined>;
  runtime?: { readonly name: string | undefined };
}

/** What runs in panes, by a look into the process table that holds until the pane shows another process or command, or for
 *  half a minute or so: one look is some ten files of the kernel's, and 200 agents are looked at all day. */
export class PaneProcesses {
  readonly #planes: Planes;
  readonly #maxAgeMs: number;
  readonly #looks = new Map<string, Look>();

  constructor(planes: Planes, maxAgeMs: number) {
    this.#planes = planes;
    this.#maxAgeMs = maxAgeMs;
  }

  /** What runs in a pane instead of the runtime that the roster asks for; undefined: no drift, or can't tell. */
  driftIn(runtime: string, pane: PaneFacts): string | undefined {
    const look = this.#lookAt(pane);
    if (!look?.process) return undefined;
    if (!look.drift.has(runtime)) look.drift.set(runtime, this.#planes.driftOf(runtime, look.process, look.children));
    return look.drift.get(runtime);
  }

  /** The runtime that certainly runs in a pane; undefined: none, or can't tell. */
  runtimeIn(pane: PaneFacts): string | undefined {
    const look = this.#lookAt(pane);
    if (!look?.process) return undefined;
    look.runtime ??= { name: this.#planes.runtimeOf(look.process, look.children) };
    return look.runtime.name;
  }

  /** Forgets panes that are gone. */
  keepOnly(panes: readonly PaneFacts[]): void {
    const there = new Set(panes.map((pane) => pane.paneId));
    for (const paneId of [...this.#looks.keys()]) if (!there.has(paneId)) this.#looks.delete(paneId);
  }

  #lookAt(pane: PaneFacts): Look | undefined {
    if (pane.isDead || pane.pid <= 0) return undefined;
    const nowMs = this.#planes.clock.monotonicMs();
    const known = this.#looks.get(pane.paneId);
    if (known && known.pid === pane.pid && known.command === pane.command && nowMs < known.untilMs) return known;
    const { processes } = this.#planes;
    const process = processes.read(pane.pid);
    const children = process ? processes.childrenOf(process.pid) : [];
    // Panes that were first seen together must not all be looked at together ever after.
    const untilMs = nowMs + this.#maxAgeMs * (0.75 + (pane.pid % 16) / 32);
    const look: Look = { pid: pane.pid, command: pane.command, untilMs, process, children, drift: new Map() };
    this.#looks.set(pane.paneId, look);
    return look;
  }
}
