import { normalize } from "node:path";
import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { type AuditHead, type AuditLine, type AuditReport, linesOf, verifyAudit } from "@mosaic/host";
import type { CommandResult, Invocation } from "../../command.ts";
import { verdictText } from "../../output/audit-verdict.ts";
import { type AuditSource, fileSource, openAuditSource } from "./audit-source.ts";
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
    const source = exported === undefined ? await wholeLog(own) : await namedLog(path);
    const options = { head: source.head, known: [...known, ...source.told], judgeCheckpoint };
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
  /** Where its writer kept that it ends. */
  readonly head: AuditHead | undefined;
  /** Where an export says that it ends. */
  readonly told: readonly AuditHead[];
}

async function wholeLog(source: AuditSource): Promise<Source> {
  // Before the lines: a log that goes on meanwhile is not one that was cut off.
  const head = await source.head();
  return { head, told: [], files: await source.files(), lines: source.lines() };
}

// A log of another home, or a copy of one, has beside it where it ends, and what was put aside of it; an export has its end within.
async function namedLog(path: string): Promise<Source> {
  // As the files of a log are named, so that "./audit.jsonl" is known among them.
  const file = normalize(path);
  const log = await wholeLog(fileSource(file));
  if (log.head === undefined) return await exportedLog(path);
  // An export may lie there in place of the log.
  const told = log.files.includes(file) ? await headsIn(file) : [];
  return { ...log, told, lines: withoutHeads(log.lines) };
}

async function headsIn(path: string): Promise<readonly AuditHead[]> {
  const heads: AuditHead[] = [];
  for await (const text of linesOf(path)) {
    const head = parseExportHead(text);
    if (head) heads.push(head);
  }
  return heads;
}

async function* withoutHeads(lines: AsyncIterable<AuditLine>): AsyncGenerator<AuditLine> {
  for await (const line of lines) if (parseExportHead(line.text) === undefined) yield line;
}

// Read once: it may come through a pipe.
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
  return { head, told: [], files: [path], lines: asyncOf(lines) };
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
