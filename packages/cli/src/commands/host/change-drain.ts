import { EXIT_CODES } from "@mosaic/core/light";
import type { DrainHostRequestJson, DrainHostResponseJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";
import { askAggregator, changeFacts } from "./ask-aggregator.ts";
import { parseHostName, roleOf } from "./host-name.ts";
import { memberText, type ToldMember, toToldMember } from "./told-member.ts";

/** What `host drain --json` and `host undrain --json` print. The names of its fields are a contract; see drain.test.ts. */
export interface HostDrainAnswer {
  readonly schema: "mosaic.host.drain/1";
  readonly complete: true;
  /** False: it was so before. */
  readonly changed: boolean;
  readonly member: ToldMember;
}

/** Takes a host out of service, or back. */
export async function changeDrain(
  isDraining: boolean,
  invocation: Invocation,
  io: Io,
  deps: CommandDeps,
): Promise<CommandResult> {
  const request: DrainHostRequestJson = {
    ...parseHostName(invocation.args[0] ?? ""),
    ...roleOf(invocation.flags.text("role")),
    draining: isDraining,
    ...changeFacts(invocation, io),
  };
  const { reply } = await askAggregator<DrainHostResponseJson>("DrainHost", request, invocation, deps);
  const changed = reply.changed ?? false;
  const answer: HostDrainAnswer = { schema: "mosaic.host.drain/1", complete: true, changed, member: toToldMember(reply.member) };
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => `${plainText(sentenceOf(answer))}\n` };
}

function sentenceOf({ changed, member }: HostDrainAnswer): string {
  const name = memberText(member);
  const by = member.changed_by === "" ? "" : ` by ${member.changed_by}`;
  const why = member.reason === "" ? "" : `: ${member.reason}`;
  if (!changed)
    return member.draining
      ? `${name} was draining before${by}${why}; nothing changed`
      : `${name} was in service; nothing changed`;
  return member.draining
    ? `${name} is DRAINING: every answer says so; its agents go on, and messages reach them`
    : `${name} is in service again`;
}
