import type { StoredMessage, TerminalServer } from "@mosaic/core";
import type { Agent } from "@mosaic/wire";
import type { MannersOf } from "./manners.ts";

export interface StandingTextDeps {
  readonly terminal: TerminalServer;
  readonly mannersOf: MannersOf;
  readonly rowOf: (agentName: string) => Agent | undefined;
}

/** Looks whether a text stands in the composer of a message's agent, which says that what was pasted may not have gone in. */
export class StandingText {
  readonly #deps: StandingTextDeps;

  constructor(deps: StandingTextDeps) {
    this.#deps = deps;
  }

  /** True when one is seen; false also when it can't be seen. */
  async on({ receipt }: Pick<StoredMessage, "receipt">, signal: AbortSignal): Promise<boolean> {
    const { terminal, mannersOf, rowOf } = this.#deps;
    const row = rowOf(receipt.agent?.name ?? "");
    if (!row?.pane?.alive) return false;
    try {
      const screen = await terminal.capture(row.pane.paneId, {}, signal);
      return mannersOf(row.runtime)?.draftOn?.(screen.lines) !== undefined;
    } catch {
      // It is a remark for people; the receipt says what is known without it.
      return false;
    }
  }
}
