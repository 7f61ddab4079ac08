import type { CommandDeps, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { askFirst, type Place, placesFor } from "../../remote/endpoints.ts";

/** What every change of membership carries besides what it is about. */
export interface ChangeFacts {
  readonly sourceLabel: string;
  readonly reason: string;
}

/** Who changes something, and why, from the flags. */
export function changeFacts({ flags }: Invocation, io: Io): ChangeFacts {
  return {
    sourceLabel: flags.text("source-label") ?? `${io.hostName()}:operator`,
    reason: flags.text("reason") ?? "",
  };
}

/** Calls the aggregator, which alone keeps membership: never the node of this host.
 *  @throws MosaicError as `Remote.unary` */
export async function askAggregator<Res extends object>(
  method: "AddHost" | "RemoveHost" | "DrainHost",
  request: object,
  { globals }: Invocation,
  deps: CommandDeps,
): Promise<{ readonly reply: Res; readonly place: Place }> {
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return await askFirst(placesFor("all-hosts", globals), async (place) => ({
    reply: await deps.remote.unary<Res>(place.endpoint, method, request, timeoutMs),
    place,
  }));
}
