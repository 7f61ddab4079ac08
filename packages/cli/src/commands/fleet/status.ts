import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { exitCodeOf } from "../../fleet/ps-answer.ts";
import { readStatus } from "../../fleet/status-answer.ts";
import type { Io } from "../../io/io.ts";
import { statusText } from "../../output/status-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";

/** Shows the agents of this host in detail. */
export async function run({ args, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const question = { globals, reach: "this-host", tenants: [], hosts: [], isLive: false, timeoutMs } as const;
  const reading = await readStatus("mosaic.fleet.status/1", question, args, { io, deps });
  return {
    exitCode: exitCodeOf(reading.answer, false),
    envelope: reading.answer,
    text: (view) => statusText(reading, view),
    notes: reading.notes,
  };
}
