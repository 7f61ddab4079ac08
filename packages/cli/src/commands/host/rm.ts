import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import type { RemoveHostRequestJson, RemoveHostResponseJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { type ListedHost, toListedHost } from "../../fleet/host-list.ts";
import { freshReading } from "../../fleet/ps-host.ts";
import type { Io } from "../../io/io.ts";
import { stateSentence } from "../../output/host-sentence.ts";
import { plainText } from "../../output/plain-text.ts";
import { askYes } from "../../terminal/ask-yes.ts";
import { askAggregator, changeFacts } from "./ask-aggregator.ts";
import { formatHostName, parseHostName, roleOf } from "./host-name.ts";
import { memberText, type ToldMember, toToldMember } from "./told-member.ts";

/** What `host rm --json` prints. The names of its fields are a contract; see rm.test.ts. */
export interface HostRmAnswer {
  readonly schema: "mosaic.host.rm/1";
  readonly complete: true;
  readonly dry_run: boolean;
  /** True: it is not expected any more. */
  readonly removed: boolean;
  /** False: it had been removed before. With a dry run: false when there is nothing to do. */
  readonly changed: boolean;
  readonly member: ToldMember;
  /** The hosts that are gone with it, as they were last. */
  readonly hosts: readonly ListedHost[];
}

/** Expects a host no longer: the one command that takes one out of the answers. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { args, flags } = invocation;
  const request: RemoveHostRequestJson = {
    ...parseHostName(args[0] ?? ""),
    ...roleOf(flags.text("role")),
    ...changeFacts(invocation, io),
  };
  const isDryRun = flags.boolean("dry-run");
  const isAsked = !flags.boolean("yes") && !isDryRun;
  const ask = async (dryRun: boolean) => {
    const { reply } = await askAggregator<RemoveHostResponseJson>("RemoveHost", { ...request, dryRun }, invocation, deps);
    return reply;
  };
  const plan = isDryRun || isAsked ? toAnswer(await ask(true), { isDryRun, isRemoved: false }) : undefined;
  if (plan && (isDryRun || !plan.changed || !(await isAgreed(plan, invocation, io)))) return resultOf(plan, isDryRun);
  return resultOf(toAnswer(await ask(false), { isDryRun, isRemoved: true }), isDryRun);
}

function toAnswer(reply: RemoveHostResponseJson, how: { isDryRun: boolean; isRemoved: boolean }): HostRmAnswer {
  const changed = reply.changed ?? false;
  return {
    schema: "mosaic.host.rm/1",
    complete: true,
    dry_run: how.isDryRun,
    removed: how.isRemoved || !changed,
    changed,
    member: toToldMember(reply.member),
    hosts: (reply.hosts ?? []).map((status) => toListedHost(freshReading(status))),
  };
}

async function isAgreed(plan: HostRmAnswer, { globals, args }: Invocation, io: Io): Promise<boolean> {
  if (globals.isJson || !io.stdin.isTerminal || !io.stdout.isTerminal) {
    throw new MosaicError("USAGE", `nobody can be asked whether to remove ${memberText(plan.member)}`, {
      hint: `look with: mosaic host rm ${args[0] ?? ""} --dry-run; then say --yes`,
    });
  }
  io.stderr.write(plainLines([...hostLines(plan), WHAT_STAYS]));
  return await askYes(`Remove ${plainText(memberText(plan.member))}?`, io);
}

const WHAT_STAYS = "Nothing on the host is touched: its agents go on, and are not seen or reached from here any more.";

function resultOf(answer: HostRmAnswer, isDryRun: boolean): CommandResult {
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => plainLines(sentences(answer, isDryRun)) };
}

function sentences(answer: HostRmAnswer, isDryRun: boolean): string[] {
  const name = memberText(answer.member);
  if (!answer.changed) return [`${name} had been removed before${byText(answer.member)}; nothing changed.`];
  if (isDryRun) return [...hostLines(answer), `Would remove ${name}. ${WHAT_STAYS}`];
  if (!answer.removed) return [`${name} is not removed.`];
  return [...hostLines(answer), `${name} is removed.`];
}

function hostLines({ hosts }: HostRmAnswer): string[] {
  return hosts.map((host) => `${formatHostName({ tenantId: host.tenant_id, host: host.host })}: ${stateSentence(host)}`);
}

function byText({ changed_by: by, reason }: ToldMember): string {
  return `${by === "" ? "" : ` by ${by}`}${reason === "" ? "" : ` (${reason})`}`;
}

function plainLines(lines: readonly string[]): string {
  return lines.map((line) => `${plainText(line)}\n`).join("");
}
