import type { CommandDeps } from "../command.ts";
import { toSentReceipt } from "../commands/agent/sent-receipt.ts";
import type { Io } from "../io/io.ts";
import { beginningOf } from "../output/cell-width.ts";
import { plainText } from "../output/plain-text.ts";
import { styleFor } from "../output/style.ts";
import { DEFAULT_TIMEOUT_MS, type GlobalOptions } from "../parse/global-options.ts";
import type { Place } from "../remote/endpoints.ts";
import { withStream } from "../remote/open-stream.ts";
import { receiptJson } from "../remote/receipt-json.ts";

export interface ReceiptProgressOptions {
  readonly messageId: string;
  /** As it was asked for, for people. */
  readonly agent: string;
  /** The state that is waited for, in lower case. */
  readonly waitFor: string;
  readonly globals: GlobalOptions;
}

export interface FollowContext {
  readonly places: readonly Place[];
  readonly io: Io;
  readonly deps: CommandDeps;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Draws a line. `isHeard`: a server told it. */
  readonly draw: (line: string, isHeard: boolean) => void;
}

/** Draws a line for each step that a message takes, until the signal aborts. Never rejects: it only decorates a call, and what
 *  is wrong with the message or its server that call tells. */
export async function followReceipt(options: ReceiptProgressOptions, context: FollowContext): Promise<void> {
  const { places, io, deps, signal, draw } = context;
  draw(lineOf(options, { way: "sent", held: "" }, io), false);
  try {
    await withStream(places, deps, DEFAULT_TIMEOUT_MS, {
      name: "WatchReceipts",
      signal,
      async work(client, streamSignal) {
        const request = { messageIds: [options.messageId] };
        for await (const { receipt } of client.watchReceipts(request, { signal: streamSignal })) {
          if (!receipt) continue;
          const { steps, held } = toSentReceipt(receiptJson(receipt));
          const way = [...new Set(steps.map((step) => step.state))].join(" > ");
          draw(lineOf(options, { way, held }, io), true);
        }
      },
    });
  } catch {
    // See above.
  }
}

function lineOf(
  { agent, waitFor, globals }: ReceiptProgressOptions,
  { way, held }: { readonly way: string; readonly held: string },
  io: Io,
): string {
  const style = styleFor({ noColor: globals.noColor, isTerminal: true, env: io.env });
  const rest = held === "" ? `waiting for ${waitFor.toUpperCase()}` : `held: ${held}`;
  // The last column stays free: what is written there may wrap, and a wrapped line can't be drawn over.
  const text = beginningOf(plainText(`${agent}: ${way}; ${rest}`), (io.stderr.columns || 80) - 1);
  return style(held === "" ? "faint" : "attention", text);
}
