import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { type PrunedFile, type PruneRules, prunePlan, type RecordingStore } from "@mosaic/core/recordings";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { type OpenAudit, openAudit } from "../../local/open-audit.ts";
import { ageText } from "../../output/age-text.ts";
import { plainText } from "../../output/plain-text.ts";
import { sizeText } from "../../output/size-text.ts";
import { parseByteSize } from "../../parse/byte-size.ts";
import { parseDurationMs } from "../../parse/duration.ts";
import { askYes } from "../../terminal/ask-yes.ts";
import { toListedRecording } from "./list.ts";
import { listRecordings, openRecordings } from "./open-recordings.ts";

/** Deletes recordings by rules. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const { flags, globals } = invocation;
  const rules = rulesOf(invocation);
  const store = openRecordings(globals.mosaicHome);
  const nowUnixMs = io.clock.nowUnixMs();
  const files = await listRecordings(store, flags.texts("agent"));
  const plan = prunePlan(files, rules, nowUnixMs);
  const isDryRun = flags.boolean("dry-run");
  const isDone = !isDryRun && plan.length > 0 && (await isAgreed(plan, nowUnixMs, invocation, io));
  if (isDone) await deleteAll(store, plan, await openAudit(globals, io));
  const bytes = bytesOf(plan);
  return {
    exitCode: EXIT_CODES.ok,
    envelope: {
      schema: "mosaic.sessions.prune/1",
      complete: true,
      dry_run: isDryRun,
      deleted: isDone,
      bytes,
      kept: files.length - plan.length,
      items: plan.map(({ file, reason }) => ({ ...toListedRecording(file), reason })),
    },
    text: () => sentences(plan, isDryRun ? "would delete" : isDone ? "deleted" : "not deleted:", nowUnixMs),
  };
}

function rulesOf({ flags }: Invocation): PruneRules {
  const [age, size] = [flags.text("older-than"), flags.text("max-bytes")];
  const rules = {
    olderThanMs: age === undefined ? undefined : parseDurationMs(age, "--older-than", MAX_AGE_MS),
    keep: flags.integer("keep"),
    maxBytes: size === undefined ? undefined : parseByteSize(size, "--max-bytes"),
  };
  if (Object.values(rules).some((rule) => rule !== undefined)) return rules;
  throw new MosaicError("USAGE", "say what may go: --older-than, --keep or --max-bytes", {
    hint: "mosaic sessions prune --older-than 30d --dry-run",
  });
}

/** A hundred years. */
const MAX_AGE_MS = 3_155_760_000_000;

async function isAgreed(
  plan: readonly PrunedFile[],
  nowUnixMs: number,
  { flags, globals }: Invocation,
  io: Io,
): Promise<boolean> {
  if (flags.boolean("yes")) return true;
  if (globals.isJson || !io.stdin.isTerminal || !io.stdout.isTerminal) {
    throw new MosaicError("USAGE", `nobody can be asked whether to delete ${countOf(plan)}`, {
      hint: "look with --dry-run, then say --yes",
    });
  }
  io.stderr.write(sentences(plan, "to delete:", nowUnixMs));
  return await askYes(`Delete ${countOf(plan)}, ${sizeText(bytesOf(plan))}?`, io);
}

// Each is on record before it goes: what can't be put on record is not deleted.
async function deleteAll(store: RecordingStore, plan: readonly PrunedFile[], { audit, who }: OpenAudit): Promise<void> {
  for (const { file, reason } of plan) {
    const facts = { recording: file.id, bytes: file.bytes, reason };
    await audit.record({ ...who, action: "sessions.prune", agent: file.agent, facts });
    await store.delete(file.agent, file.id);
  }
}

const REASONS: Readonly<Record<PrunedFile["reason"], string>> = {
  "older-than": "--older-than",
  keep: "--keep",
  "max-bytes": "--max-bytes",
};

function sentences(plan: readonly PrunedFile[], verb: string, nowUnixMs: number): string {
  if (plan.length === 0) return "Nothing to delete.\n";
  const lines = plan.map(({ file, reason }) => {
    const age = `last written ${ageText(nowUnixMs - file.modifiedUnixMs)} ago`;
    return `${verb} ${file.id}  ${plainText(file.agent)}  ${sizeText(file.bytes)}  ${age}  (${REASONS[reason]})\n`;
  });
  return `${lines.join("")}${countOf(plan)}, ${sizeText(bytesOf(plan))}.\n`;
}

function countOf(plan: readonly PrunedFile[]): string {
  return `${plan.length} ${plan.length === 1 ? "recording" : "recordings"}`;
}

function bytesOf(plan: readonly PrunedFile[]): number {
  return plan.reduce((sum, { file }) => sum + file.bytes, 0);
}
