import { MosaicError, nearNames } from "@mosaic/core/light";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { ALL_CHECKS } from "../../doctor/all-checks.ts";
import type { DoctorCheck } from "../../doctor/check.ts";
import { networkHomeCheck, silentHome } from "../../doctor/checks/network-home.ts";
import { type DoctorAnswer, doctorExitCode, toDoctorAnswer } from "../../doctor/doctor-answer.ts";
import { type FixOutcome, fixFindings } from "../../doctor/fix-findings.ts";
import { runChecks } from "../../doctor/run-checks.ts";
import type { Io } from "../../io/io.ts";
import { folderAnswers } from "../../local/doctor/folder-answers.ts";
import { openDoctorWorld } from "../../local/doctor/open-doctor-world.ts";
import { openAudit } from "../../local/open-audit.ts";
import { doctorText } from "../../output/doctor-text.ts";
import { plainText } from "../../output/plain-text.ts";

/** Looks at everything on this host that a fleet needs, and with --fix mends what can be mended without harm. */
export async function run({ flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const checks = chosenChecks(flags.texts("only"));
  if (!(await folderAnswers(globals.mosaicHome))) {
    const only = { check: networkHomeCheck, finding: silentHome(globals.mosaicHome) };
    return answerOf(toDoctorAnswer(globals.mosaicHome, [only]), false);
  }
  const fixes = flags.boolean("fix") ? await fixAll(checks, { globals }, io, deps) : [];
  // What is told is what is so after the fixes.
  await using world = await openDoctorWorld(globals, io, deps);
  return answerOf(toDoctorAnswer(globals.mosaicHome, await runChecks(checks, world), fixes), flags.boolean("all"));
}

function answerOf(answer: DoctorAnswer, isAll: boolean): CommandResult {
  return { exitCode: doctorExitCode(answer), envelope: answer, text: (view) => doctorText(answer, isAll, view) };
}

async function fixAll(
  checks: readonly DoctorCheck[],
  { globals }: Pick<Invocation, "globals">,
  io: Io,
  deps: CommandDeps,
): Promise<readonly FixOutcome[]> {
  await using world = await openDoctorWorld(globals, io, deps);
  const record = async (check: string, does: string) => {
    const { audit, who } = await openAudit(globals, io);
    await audit.record({ ...who, action: "doctor.fix", facts: { check, does } });
  };
  const tell = ({ check, does, problem }: FixOutcome) =>
    io.stderr.write(`${plainText(problem === "" ? `fixed ${check}: ${does}` : `not fixed, ${check}: ${does}: ${problem}`)}\n`);
  return await fixFindings(await runChecks(checks, world), record, tell);
}

function chosenChecks(ids: readonly string[]): readonly DoctorCheck[] {
  if (ids.length === 0) return ALL_CHECKS;
  const known = ALL_CHECKS.map(({ id }) => id);
  const stranger = ids.find((id) => !known.includes(id));
  if (stranger === undefined) return ALL_CHECKS.filter(({ id }) => ids.includes(id));
  const near = nearNames(stranger, known);
  throw new MosaicError("USAGE", `the doctor has no check ${JSON.stringify(stranger.slice(0, 80))}`, {
    hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : `choose from ${known.join(", ")}`,
  });
}
