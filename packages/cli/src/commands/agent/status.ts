import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { exitCodeOf } from "../../fleet/ps-answer.ts";
import { readStatus } from "../../fleet/status-answer.ts";
import type { Io } from "../../io/io.ts";
import { statusText } from "../../output/status-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";

/** Shows one agent in detail, wherever it is, or every agent that is known. */
export async function run({ args, flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const reach = flags.boolean("all-hosts") ? "all-hosts" : "anywhere";
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const question = { globals, reach, tenants: [], hosts: [], isLive: false, timeoutMs } as const;
  const reading = await readStatus("mosaic.agent.status/1", question, args, { io, deps });
  return {
    exitCode: exitCodeOf(reading.answer, false),
    envelope: reading.answer,
    text: (view) => statusText(reading, view),
    notes: reading.notes,
  };
}
