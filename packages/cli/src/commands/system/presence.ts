import { EXIT_CODES } from "@mosaic/core/light";
import type { PresenceResponseJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { type PresenceAnswer, presenceAnswer } from "../../presence/presence-answer.ts";
import { presenceText } from "../../presence/presence-text.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";

/** Says who is connected to the daemons now, and who is at which terminal; with --watch until it is ended. */
export async function run({ flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const request = { selector: { hosts: [...flags.texts("host")], tenantIds: [...flags.texts("tenant")] } };
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  let asked = places;
  const ask = () =>
    askFirst(asked, async (place) => {
      const { endpoint, via } = place;
      const reply = await deps.remote.unary<PresenceResponseJson>(endpoint, "Presence", request, timeoutMs);
      // Once the aggregator answered its node is no stand-in for it: every other host would be missing without a word.
      if (via !== undefined) asked = [place];
      return presenceAnswer(reply, via);
    });
  if (flags.boolean("watch")) {
    const { watchPresence } = await import("../../presence/watch-presence.ts");
    return await watchPresence({ ask, linesOf, flags, globals }, io);
  }
  const answer = await ask();
  return {
    // Who was asked has answered: what is missing is a part.
    exitCode: answer.complete || flags.boolean("allow-partial") ? EXIT_CODES.ok : EXIT_CODES.partial,
    envelope: answer,
    lines: () => linesOf(answer),
    text: (view) => presenceText(answer, view),
  };
}

function* linesOf({ schema, items, hosts, ...rest }: PresenceAnswer): Iterable<object> {
  for (const host of hosts) yield { schema, type: "host", ...host };
  for (const item of items) yield { schema, type: "item", ...item };
  yield { schema, type: "summary", ...rest, host_count: hosts.length, item_count: items.length };
}
