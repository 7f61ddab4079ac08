import type { Clock, Log, TerminalClients } from "@mosaic/core";
import { MosaicError } from "@mosaic/core";
import type { AttachRoll } from "../attach-roll.ts";

export interface TypingWatchDeps {
  readonly roll: AttachRoll;
  /** Who is attached past Mosaic. Absent: can't be told. */
  readonly clients?: TerminalClients | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long the composer belongs to a person after the last key, in ms: the pauses within a sentence are shorter. */
export const HANDS_OFF_MS = 5000;

/** Tells who is typing into an agent's terminal now: by a takeover of ours, or with a tmux of their own. */
export class TypingWatch {
  readonly #deps: TypingWatchDeps;

  constructor(deps: TypingWatchDeps) {
    this.#deps = deps;
  }

  /** @returns who, for people; undefined: nobody is seen to */
  async typist(agentName: string, paneId: string, signal: AbortSignal): Promise<string | undefined> {
    const { roll, clock } = this.#deps;
    const sinceUnixMs = clock.nowUnixMs() - HANDS_OFF_MS;
    const attached = roll.lastTyped(agentName);
    if (attached && attached.atUnixMs > sinceUnixMs) return attached.label;
    const clients = await this.#clients(signal);
    return clients.find((client) => client.paneId === paneId && client.lastKeyUnixMs > sinceUnixMs)?.name;
  }

  /** True when somebody typed after an instant, or that can't be told. Who has a tmux of their own and has left it is not seen. */
  async hasTypedSince(agentName: string, paneId: string, sinceUnixMs: number, signal: AbortSignal): Promise<boolean> {
    const attached = this.#deps.roll.typedAtUnixMs(agentName);
    if (attached !== undefined && attached > sinceUnixMs) return true;
    const clients = await this.#deps.clients?.listClients(signal).catch(() => undefined);
    return clients?.some((client) => client.paneId === paneId && client.lastKeyUnixMs > sinceUnixMs) ?? true;
  }

  async #clients(signal: AbortSignal) {
    const { clients, log } = this.#deps;
    try {
      return (await clients?.listClients(signal)) ?? [];
    } catch (thrown) {
      // The draft on the screen, which is looked at next, is the surer sign.
      log.warn({ error: MosaicError.from(thrown).message }, "who is attached can't be told");
      return [];
    }
  }
}
