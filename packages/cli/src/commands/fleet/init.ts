import { readFile } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { CheckAnswer } from "../../fleet/check-answer.ts";
import { planRosterFile, type RosterFilePlan } from "../../fleet/plan-roster-file.ts";
import type { Io } from "../../io/io.ts";
import { checkHost } from "../../local/check-host.ts";
import { locateFramework } from "../../local/installation.ts";
import { readRosterText } from "../../local/read-roster.ts";
import { writeRosterFile } from "../../local/write-roster-file.ts";
import { checkText } from "../../output/check-text.ts";
import { type InitAnswer, initText } from "../../output/init-text.ts";
import { type InitOptions, initOptions } from "./init-options.ts";
import { withOwnSocket } from "./own-socket.ts";

/** Prints, writes or checks a first roster. */
export async function run(invocation: Invocation, io: Io, _deps: CommandDeps): Promise<CommandResult> {
  const options = initOptions(invocation);
  if (options.action === "check") return await checkOnly(options.rosterPath, io);
  const example = await exampleText(options.profile);
  const text = options.projectHome === undefined ? example : withOwnSocket(example, options.projectHome);
  const plan = options.action === "print" ? undefined : await planOf(options, text, io);
  if (plan && options.action === "write") await writeRosterFile(plan);
  const wantsCheck = options.wantsCheck || options.action === "write";
  const check = wantsCheck ? await checkHost({ path: options.rosterPath, text }, io) : undefined;
  const answer = answerOf(options, text, plan, check);
  return {
    exitCode: options.wantsCheck ? exitCodeOf(check) : 0,
    envelope: answer,
    text: (view) => initText(answer, nextOf(options), view) + (check ? checkText(check, !options.wantsCheck, view) : ""),
  };
}

async function checkOnly(path: string, io: Io): Promise<CommandResult> {
  const check = await checkHost({ path, text: await readRosterText(path) }, io);
  return { exitCode: exitCodeOf(check), envelope: check, text: (view) => checkText(check, false, view) };
}

function exitCodeOf(check: CheckAnswer | undefined): number {
  return check?.ready === false ? 1 : 0;
}

async function planOf({ rosterPath: path, isForced }: InitOptions, text: string, io: Io): Promise<RosterFilePlan> {
  const there = await readRosterText(path);
  return planRosterFile({ path, text, there, isForced, nowUnixMs: io.clock.nowUnixMs() });
}

async function exampleText(profile: string): Promise<string> {
  const path = `${locateFramework()}/fleet/examples/${profile}.yaml`;
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new MosaicError("MACHINE", `this installation lacks ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** A user's systemd keeps one fleet, and that one is hardly a folder's. */
function nextOf({ projectHome }: InitOptions): string {
  if (projectHome !== undefined) return "mosaic fleet start --project-state";
  return "mosaic fleet install-systemd; on a host without systemd: mosaic fleet start";
}

function answerOf(
  { profile, rosterPath, action }: InitOptions,
  text: string,
  plan: RosterFilePlan | undefined,
  check: CheckAnswer | undefined,
): InitAnswer {
  const isDone = action === "write";
  return {
    schema: "mosaic.fleet.init/1",
    complete: true,
    profile,
    path: rosterPath,
    action: plan === undefined ? "print" : plan.kind,
    written: isDone && plan?.kind !== "nothing",
    dry_run: action === "dry-run",
    backup: plan?.backupPath ?? null,
    text,
    check: check?.items ?? null,
  };
}
