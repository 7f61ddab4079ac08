import type { StoredMessage, TerminalServer } from "@mosaic/core";
import type { Agent } from "@mosaic/wire";
import type { MannersOf } from "./manners.ts";
import { typedText } from "./message-hashes.ts";

export interface StandingTextDeps {
  readonly terminal: TerminalServer;
  readonly mannersOf: MannersOf;
  readonly rowOf: (agentName: string) => Agent | undefined;
}

/** What stands in a composer: nothing that can be seen, exactly a message's text, or something else. */
export type Standing = "nothing" | "its-text" | "other";

/** Looks what stands in the composer of a message's agent, which says whether what was pasted went in. */
export class StandingText {
  readonly #deps: StandingTextDeps;

  constructor(deps: StandingTextDeps) {
    this.#deps = deps;
  }

  /** A long paste is shown by its size, and is then something else. */
  async look(message: StoredMessage, signal: AbortSignal): Promise<Standing> {
    const { terminal, mannersOf, rowOf } = this.#deps;
    const row = rowOf(message.receipt.agent?.name ?? "");
    if (!row?.pane?.alive) return "nothing";
    try {
      const screen = await terminal.capture(row.pane.paneId, {}, signal);
      const draft = mannersOf(row.runtime)?.draftOn?.(screen.lines);
      if (draft === undefined) return "nothing";
      return isTextOf(message, draft) ? "its-text" : "other";
    } catch {
      // What can't be seen is no sign; the receipt says what is known without it.
      return "nothing";
    }
  }
}

/** True when a draft is exactly the text of a message. A composer wraps its lines where it likes. */
export function isTextOf(message: StoredMessage, draft: string): boolean {
  return withoutBlanks(draft) === withoutBlanks(typedText(message));
}

function withoutBlanks(text: string): string {
  return text.replace(/\s/g, "");
}
