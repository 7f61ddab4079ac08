import { MosaicError } from "@mosaic/core/light";
import { newMessageId } from "@mosaic/host/machine";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { assertTerminal, runDashboard } from "../../dashboard/run-dashboard.ts";
import type { Io } from "../../io/io.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { openFeed } from "../../watch/open-feed.ts";

/** Shows the fleet on the whole terminal, to look at, send to and answer. */
export async function run({ flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  if (globals.isJson)
    throw new MosaicError("USAGE", "the dashboard draws a screen; it has no JSON", { hint: "use mosaic fleet ps --json" });
  assertTerminal(io);
  const options = {
    ...{ globals, isAllHosts: flags.boolean("all-hosts"), tenants: flags.texts("tenant"), hosts: flags.texts("host") },
    ...{ isWatch: true, isLive: false, isWide: false, isJsonLines: false, allowPartial: false, isStrict: false },
    ...{ maxAgeMs: undefined, timeoutMs: globals.timeoutMs ?? DEFAULT_TIMEOUT_MS },
  };
  await using stack = new AsyncDisposableStack();
  const feed = await openFeed(options, io, deps, stack);
  return { exitCode: await runDashboard(feed, options, io, { ...deps, newMessageId }) };
}
