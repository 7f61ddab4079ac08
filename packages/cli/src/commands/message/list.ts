import { EXIT_CODES, MosaicError, parseAddress } from "@mosaic/core/light";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { MAX_MESSAGES } from "../../messages/ask-messages.ts";
import { listMessages, type MessageListAnswer } from "../../messages/message-list.ts";
import { messageTable } from "../../messages/message-table.ts";
import { stateFilter } from "../../messages/state-filter.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { placesFor } from "../../remote/endpoints.ts";

const DEFAULT_LIMIT = 100;

/** Lists messages and how far they have come. */
export async function run({ flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const limit = flags.integer("limit") ?? DEFAULT_LIMIT;
  if (limit < 1 || limit > MAX_MESSAGES) throw new MosaicError("USAGE", `--limit must be 1 to ${MAX_MESSAGES}, not ${limit}`);
  const question = {
    agents: flags.texts("agent").map(parseAddress),
    filter: stateFilter(flags.texts("state")),
    limit,
    timeoutMs: globals.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const answer = await listMessages(places, question, deps);
  const isWide = flags.boolean("wide");
  return {
    // What the asked server itself holds is an answer even when no host gives one, so a gap is never more than partial.
    exitCode: answer.complete || flags.boolean("allow-partial") ? EXIT_CODES.ok : EXIT_CODES.partial,
    envelope: answer,
    lines: () => linesOf(answer),
    text: (view) => messageTable(answer, io.clock.nowUnixMs(), isWide ? { ...view, columns: undefined } : view),
  };
}

function* linesOf({ schema, items, hosts, ...rest }: MessageListAnswer): Iterable<object> {
  for (const host of hosts) yield { schema, type: "host", ...host };
  for (const item of items) yield { schema, type: "item", ...item };
  yield { schema, type: "summary", ...rest, host_count: hosts.length, item_count: items.length };
}
