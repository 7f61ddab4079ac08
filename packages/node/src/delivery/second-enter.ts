import { type Clock, type Log, MosaicError, type StoredMessage, type TerminalServer, withRemark } from "@mosaic/core";
import { type Agent, DeliveryState } from "@mosaic/wire";
import type { Inbox } from "./inbox.ts";
import type { Submitted } from "./leftover-text.ts";
import { type MannersOf, submitProfile, whyNotOn } from "./manners.ts";
import type { TypingWatch } from "./typing-watch.ts";

export interface SecondEnterDeps {
  readonly inbox: Inbox;
  readonly terminal: TerminalServer;
  readonly clock: Clock;
  readonly mannersOf: MannersOf;
  readonly rowOf: (agentName: string) => Agent | undefined;
  readonly typing: TypingWatch;
  /** What was submitted last to an agent, where it was seen. */
  readonly lastTo: (agentName: string) => Submitted | undefined;
  readonly log: Log;
}

/** How long a text may stand after its Enter, in ms: a busy opencode was seen to need three seconds for a key. */
export const STANDS_MS = 4000;
const AGAIN = "its text still stood in the composer; Enter was pressed once more";

/** Presses Enter once more for a text that stands where it was submitted, in the composers in which that can do no harm: opencode
 *  swallows one now and then while it draws (measured with 1.18.33, on a busy machine), and the text would hold every message after it.
 *  Nothing is typed, and nobody presses a third time. */
export class SecondEnter {
  readonly #deps: SecondEnterDeps;
  /** The message of each agent that was looked after. */
  readonly #looked = new Map<string, string>();

  constructor(deps: SecondEnterDeps) {
    this.#deps = deps;
  }

  /** In how many ms a message is to be looked after; undefined: not at all. */
  dueInMs(message: StoredMessage): number | undefined {
    const submitted = this.#submitted(message);
    return submitted && submitted.atUnixMs + STANDS_MS - this.#deps.clock.nowUnixMs();
  }

  /** Looks after a message; presses Enter when exactly its text stands there, nobody has typed since and nothing covers it. Never
   *  rejects: without the key it is as it was. */
  async lookAfter(message: StoredMessage, signal: AbortSignal): Promise<void> {
    const submitted = this.#submitted(message);
    if (!submitted) return;
    this.#looked.set(agentOf(message), message.messageId);
    try {
      await this.#press(message, submitted, signal);
    } catch (thrown) {
      const { log } = this.#deps;
      log.warn(
        { message: message.messageId, error: MosaicError.from(thrown).message },
        "it can't be told whether its text stands",
      );
    }
  }

  // Written down first: after a crash in between nobody presses, which is the safe side.
  async #press({ messageId, receipt }: StoredMessage, { atUnixMs, shown }: Submitted, signal: AbortSignal): Promise<void> {
    const { inbox, terminal, clock, rowOf, typing, log } = this.#deps;
    const row = rowOf(receipt.agent?.name ?? "");
    if (!row?.pane?.alive || (await typing.hasTypedSince(row.name, row.pane.paneId, atUnixMs, signal))) return;
    const { paneId } = row.pane;
    await inbox.exclusively(messageId, async (changeNow) => {
      if (inbox.get(messageId)?.receipt.state !== DeliveryState.ENTERED) return;
      if ((await this.#textOn(row.runtime, paneId, signal)) !== shown) return;
      await changeNow((now) => ({ receipt: withRemark(now.receipt, { atUnixMs: clock.nowUnixMs(), detail: AGAIN }) }));
      log.info({ agent: row.name, message: messageId }, AGAIN);
      await terminal.pressKey(paneId, "Enter", signal);
    });
  }

  async #textOn(runtime: string, paneId: string, signal: AbortSignal): Promise<string | undefined> {
    const manners = this.#deps.mannersOf(runtime);
    const screen = await this.#deps.terminal.capture(paneId, {}, signal);
    return whyNotOn(screen, manners, undefined) === undefined ? manners?.draftOn?.(screen.lines) : undefined;
  }

  #submitted(message: StoredMessage): Submitted | undefined {
    const { lastTo, mannersOf, rowOf } = this.#deps;
    const name = agentOf(message);
    const submitted = lastTo(name);
    if (submitted?.messageId !== message.messageId || this.#looked.get(name) === message.messageId) return undefined;
    const runtime = rowOf(name)?.runtime ?? "";
    const { enterAgainIn } = submitProfile(runtime, mannersOf(runtime));
    return enterAgainIn !== undefined && submitted.composer === enterAgainIn ? submitted : undefined;
  }
}

function agentOf({ receipt }: StoredMessage): string {
  return receipt.agent?.name ?? "";
}
