import { EXIT_CODES, parseAddress } from "@mosaic/core/light";
import type { CommandDeps, CommandResult, Invocation, TextView } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { findMessage } from "../../messages/find-message.ts";
import { isToAgent, selectorOf } from "../../messages/message-agents.ts";
import { evidenceText, stateText, stateTone } from "../../messages/message-cells.ts";
import { followReceipts } from "../../messages/receipt-feed.ts";
import { plainText, safeJson } from "../../output/plain-text.ts";
import { textView } from "../../output/print-result.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { placesFor } from "../../remote/endpoints.ts";
import { agentOf } from "../agent/send-sentence.ts";
import { isAtEnd, type SentReceipt } from "../agent/sent-receipt.ts";

/** One line of `message watch --json`. The names of its fields are a contract; see watch.test.ts. */
export interface ReceiptLine {
  readonly schema: "mosaic.message.receipt/1";
  /** True when nothing more can happen to the message. */
  readonly complete: boolean;
  readonly receipt: SentReceipt;
}

/** Follows messages and prints each step they take. */
export async function run({ args, flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const agents = flags.texts("agent").map(parseAddress);
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const messageIds = await idsOf(args, { places, timeoutMs, deps });
  const isJson = globals.isJson || flags.boolean("jsonl");
  const view = textView(io, globals.noColor);
  const ends = new Map<string, SentReceipt>();
  const take = (receipt: SentReceipt) => {
    if (agents.length > 0 && !agents.some((agent) => isToAgent(receipt, agent))) return "more";
    io.stdout.write(isJson ? `${safeJson(lineOf(receipt))}\n` : textOf(receipt, view));
    if (isAtEnd(receipt)) ends.set(receipt.message_id, receipt);
    return messageIds.length > 0 && messageIds.every((id) => ends.has(id)) ? "enough" : "more";
  };
  const { tenants: tenantIds, hosts, names } = selectorOf(agents);
  const request = { selector: { tenantIds, hosts, names }, messageIds };
  const onLost = (detail: string) => io.stderr.write(`mosaic: ${plainText(detail)}; trying again\n`);
  await followReceipts({ places, request, timeoutMs, onLost }, take, io, deps);
  const areAnswered = [...ends.values()].every((receipt) => receipt.state === "ANSWERED");
  return { exitCode: areAnswered ? EXIT_CODES.ok : EXIT_CODES.notConfirmed };
}

// An id that nobody knows would be waited for for ever.
async function idsOf(
  given: readonly string[],
  { places, timeoutMs, deps }: { places: ReturnType<typeof placesFor>; timeoutMs: number; deps: CommandDeps },
): Promise<string[]> {
  const ids: string[] = [];
  for (const id of given) {
    const { message } = await findMessage(places, id, { withText: false, timeoutMs }, deps);
    ids.push(message.receipt?.messageId ?? id);
  }
  return [...new Set(ids)];
}

function lineOf(receipt: SentReceipt): ReceiptLine {
  return { schema: "mosaic.message.receipt/1", complete: isAtEnd(receipt), receipt };
}

function textOf(receipt: SentReceipt, { style }: TextView): string {
  const state = stateText(receipt).padEnd(STATE_WIDTH);
  const { tone } = stateTone(receipt);
  const evidence = evidenceText(receipt);
  const told = receipt.held === "" ? receipt.detail : `held: ${receipt.held}`;
  const notes = [evidence === "-" ? "" : `by ${evidence}`, told].filter((part) => part !== "").join(": ");
  const head = `${plainText(receipt.message_id)}  ${plainText(agentOf(receipt))}  ${tone ? style(tone, state) : state}`;
  return `${notes === "" ? head.trimEnd() : `${head}  ${plainText(notes)}`}\n`;
}

/** As wide as the longest state without a reason. */
const STATE_WIDTH = "UNCONFIRMED".length;
