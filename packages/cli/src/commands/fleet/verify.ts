import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { fleetReader } from "../../fleet/read-fleet.ts";
import { verify, verifyExitCode } from "../../fleet/verify-answer.ts";
import { verifyUntil } from "../../fleet/verify-until.ts";
import type { Io } from "../../io/io.ts";
import { verifyText } from "../../output/verify-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";

/** Says whether every agent that should be on is live, and for each that is not why, and what to type next. */
export async function run({ args, flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const question = {
    globals,
    reach: flags.boolean("all-hosts") ? "all-hosts" : "this-host",
    tenants: flags.texts("tenant"),
    hosts: flags.texts("host"),
    isLive: flags.boolean("live"),
    timeoutMs: globals.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  } as const;
  await using reader = fleetReader(question, io, deps);
  const look = async () => verify(question, await reader.read(), args);
  const verdict = await verifyUntil(look, flags.durationMs("wait") ?? 0, io);
  return {
    exitCode: verifyExitCode(verdict.answer),
    envelope: verdict.answer,
    text: (view) => verifyText(verdict, view),
    notes: verdict.notes,
  };
}
