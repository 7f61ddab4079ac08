import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { readRemote } from "../../fleet/read-fleet.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { HEALTH_EXIT_CODES, silentHealth, toHealth } from "../../status/health-answer.ts";

/** Says in one line, and in its exit code, whether the fleet is healthy. */
export async function run({ globals }: Invocation, _io: Io, deps: CommandDeps): Promise<CommandResult> {
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const question = { globals, reach: "anywhere", tenants: [], hosts: [], isLive: false, timeoutMs } as const;
  // Only whoever serves the fleet counts: a script asks whether the mesh works, and not what could be seen past it.
  const answer = await askFirst(placesFor("anywhere", globals), (place) => readRemote(place, question, deps)).then(
    (reading) => toHealth(question, reading),
    silentHealth,
  );
  return {
    exitCode: HEALTH_EXIT_CODES[answer.status],
    envelope: answer,
    text: ({ style }) => `${style(TONES[answer.status], plainText(answer.summary))}\n`,
  };
}

const TONES = { healthy: "good", partial: "attention", silent: "bad" } as const;
