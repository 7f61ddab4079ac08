import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import { fileStore } from "@mosaic/host";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { openAudit } from "../../local/open-audit.ts";
import { gateText } from "../../output/gate-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { baselineText, parseBaseline, renewedBaseline } from "../../release/baseline.ts";
import { collectEvidence } from "../../release/collect-evidence.ts";
import { compare, type Evidence, type GateLine } from "../../release/compare.ts";
import { type GateAnswer, gateExitCode, nextForCheck, toGateAnswer } from "../../release/gate-answer.ts";
import { appendVerification, verificationLogPath } from "../../release/verification-log.ts";
import { VERSION } from "../../version.ts";

/** Compares what a host and its fleet show now with what they showed when all was well, and says by its exit code whether that holds. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { flags, globals } = invocation;
  const baseline = flags.text("baseline");
  if (baseline === undefined) {
    throw new MosaicError("USAGE", "--baseline is missing: the file to compare with", {
      hint: "make one when all is well: mosaic release gate --baseline golden.json --write",
    });
  }
  const path = resolve(io.cwd, baseline);
  // A baseline that can't be used is told before a minute is spent on looking.
  const text = await fileStore().read(path);
  const golden = text === undefined ? undefined : parseBaseline(text, baseline);
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const [isWritten, allowed] = [flags.boolean("write"), flags.texts("allow-unknown")];
  if (golden === undefined && !isWritten) {
    throw new MosaicError("USAGE", `there is no baseline at ${path}`, {
      hint: `make one when all is well: mosaic release gate --baseline ${baseline} --write`,
    });
  }
  const evidence = await collectEvidence({ globals, io, deps, timeoutMs });
  const lines = isWritten ? unknownLines(evidence, allowed) : compare(golden ?? {}, evidence, allowed, nextForCheck);
  const isSound = lines.every(({ fails }) => !fails);
  const renewed = isWritten && isSound ? baselineText(renewedBaseline(evidence.checks, golden)) : undefined;
  if (renewed !== undefined) await fileStore().write(path, renewed, 0o644);
  const answer = toGateAnswer(lines, {
    ...{ baseline, baseline_sha256: sha256(renewed ?? text ?? ""), written: isWritten, version: VERSION },
  });
  await putOnRecord(answer, invocation, io);
  return { exitCode: gateExitCode(answer), envelope: answer, text: (view) => gateText(answer, view) };
}

// A baseline without a part would never notice that the part is gone.
function unknownLines(evidence: Evidence, allowed: readonly string[]): readonly GateLine[] {
  return compare({}, { ...evidence, checks: {} }, allowed, nextForCheck);
}

async function putOnRecord(answer: GateAnswer, { globals }: Pick<Invocation, "globals">, io: Io): Promise<void> {
  const named = (outcome: GateLine["outcome"]) =>
    answer.items
      .filter((line) => line.outcome === outcome)
      .map(({ check }) => check)
      .join(" ");
  const { who } = await openAudit(globals, io);
  const { verdict, version, counts, baseline_sha256 } = answer;
  const facts = {
    ...{ verdict, version, baseline: resolve(io.cwd, answer.baseline), baseline_sha256, endpoint: globals.endpoint ?? "" },
    ...{
      same: counts.same,
      better: named("better"),
      worse: named("worse"),
      missing: named("missing"),
      unknown: named("unknown"),
    },
  };
  const action = answer.written ? "gate.baseline" : "gate.verdict";
  await appendVerification(verificationLogPath(globals.mosaicHome), { ...who, action, facts }, io.clock);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
