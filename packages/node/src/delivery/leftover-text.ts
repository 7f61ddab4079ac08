import type { Clock, Log, TerminalServer } from "@mosaic/core";
import { DeliveryState, HeartbeatStatus } from "@mosaic/wire";
import type { AgentSaid, Draft } from "./composer-lease.ts";
import type { Inbox } from "./inbox.ts";
import type { MannersOf } from "./manners.ts";
import type { TypingWatch } from "./typing-watch.ts";

export interface LeftoverTextDeps {
  readonly inbox: Inbox;
  readonly terminal: TerminalServer;
  readonly clock: Clock;
  readonly mannersOf: MannersOf;
  readonly saidOf: (agentName: string) => AgentSaid | undefined;
  readonly typing: TypingWatch;
  readonly log: Log;
}

/** A text that Mosaic submitted. */
export interface Submitted {
  readonly messageId: string;
  /** As what it stood in the composer. */
  readonly shown: string;
  /** Which composer it was typed into, where its runtime has more than one and that was seen. */
  readonly composer: string | undefined;
  readonly atUnixMs: number;
}

/** So long an agent has to be at rest, and a key to have its effect, in ms: a second one might end the program. */
const REST_MS = 2000;

/** Takes away a text that its agent has taken and that stands in the composer all the same. Claude Code leaves it there when its Enter
 *  comes in the moment a turn ends (measured with 2.1.197, on a busy machine), and it would hold every message after it. */
export class LeftoverText {
  readonly #deps: LeftoverTextDeps;
  readonly #pressedAtMs = new Map<string, number>();

  constructor(deps: LeftoverTextDeps) {
    this.#deps = deps;
  }

  /** Presses the key that empties the composer, when it is sure that what stands there is what was submitted last: the agent said
   *  that it took it, nobody typed since, and it is at rest. @returns true: the key was pressed, and it is worth looking again */
  async clear({ row, pane, text }: Draft, last: Submitted | undefined, signal: AbortSignal): Promise<boolean> {
    const { inbox, terminal, clock, mannersOf, typing, log } = this.#deps;
    const key = mannersOf(row.runtime)?.clearsDraft;
    if (key === undefined || !last || last.shown !== text || !this.#isAtRest(row.name)) return false;
    const { state } = inbox.get(last.messageId)?.receipt ?? {};
    // A prompt that was interrupted is put back on purpose.
    if (state !== DeliveryState.ACCEPTED && state !== DeliveryState.ANSWERED) return false;
    if (clock.monotonicMs() - (this.#pressedAtMs.get(row.name) ?? Number.NEGATIVE_INFINITY) < REST_MS) return false;
    if (await typing.hasTypedSince(row.name, pane.paneId, last.atUnixMs, signal)) return false;
    this.#pressedAtMs.set(row.name, clock.monotonicMs());
    log.info({ agent: row.name, message: last.messageId }, "its text was taken and stood in the composer; it is taken away");
    await terminal.pressKey(pane.paneId, key, signal);
    return true;
  }

  // In a turn the same key would interrupt it.
  #isAtRest(agentName: string): boolean {
    const said = this.#deps.saidOf(agentName);
    const isIdle = said?.status === HeartbeatStatus.IDLE || said?.status === HeartbeatStatus.READY;
    return isIdle && this.#deps.clock.nowUnixMs() - (said.atUnixMs ?? 0) >= REST_MS;
  }
}
