import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { type AuditHead, type AuditLine, type AuditReport, linesOf, verifyAudit } from "@mosaic/host";
import type { CommandResult, Invocation } from "../../command.ts";
import { verdictText } from "../../output/audit-verdict.ts";
import { type AuditSource, openAuditSource } from "./audit-source.ts";
import { openCheckpointJudge } from "./checkpoint-judge.ts";
import { parseExportHead } from "./export-head.ts";
import { orUnreadable } from "./unreadable-log.ts";
import { toVerdict } from "./verdict.ts";

/** Looks through an audit log, of this host, of a database, or as it was exported. */
export async function run({ args, flags, globals }: Invocation): Promise<CommandResult> {
  const [exported] = args;
  const known = flags.texts("known").map(parseHead);
  await using own = await openAuditSource({ flags, globals });
  const path = exported ?? own.path;
  const judge = await openCheckpointJudge(globals.mosaicHome, own, flags.texts("root"));
  const judgeCheckpoint = judge?.judge;
  const { report, files, head } = await orUnreadable(path, async () => {
    const source = exported === undefined ? await ownLog(own) : await exportedLog(path);
    const options = { head: source.head, known, judgeCheckpoint };
    return { report: await verifyAudit(source.lines, options), ...source };
  });
  const verdict = toVerdict(report, {
    path,
    files,
    isEndKnown: head !== undefined || known.length > 0,
    isJudged: judge !== undefined,
    isShared: own.isShared,
  });
  return {
    exitCode: exitCodeOf(report),
    envelope: verdict,
    text: () => verdictText(verdict),
  };
}

interface Source {
  readonly lines: AsyncIterable<AuditLine>;
  readonly files: readonly string[];
  readonly head: AuditHead | undefined;
}

async function ownLog(source: AuditSource): Promise<Source> {
  // Before the lines: a log that goes on meanwhile is not one that was cut off.
  const head = await source.head();
  return { head, files: await source.files(), lines: source.lines() };
}

async function exportedLog(path: string): Promise<Source> {
  let head: AuditHead | undefined;
  const lines: AuditLine[] = [];
  let line = 0;
  for await (const text of linesOf(path)) {
    line += 1;
    const told = parseExportHead(text);
    if (told) head = told;
    else lines.push({ text, file: path, line });
  }
  return { head, files: [path], lines: asyncOf(lines) };
}

async function* asyncOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

function parseHead(text: string): AuditHead {
  const [, index, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (index !== undefined && hash !== undefined) return { index: Number(index), hash };
  throw new MosaicError("USAGE", `--known: not a place in an audit log: ${JSON.stringify(text.slice(0, 100))}`, {
    hint: "write <index>:<hash>, as mosaic audit verify and the last line of mosaic audit export tell it",
  });
}

function exitCodeOf({ problemCount }: AuditReport): number {
  return problemCount === 0 ? EXIT_CODES.ok : EXIT_CODES.failed;
}
