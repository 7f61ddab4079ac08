import { EXIT_CODES } from "@mosaic/core/light";
import { fleetPaths } from "@mosaic/lifecycle";
import type { CommandResult, Invocation, TextView } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { fileLines } from "../../local/file-lines.ts";
import { plainText, safeJson } from "../../output/plain-text.ts";
import { textView } from "../../output/print-result.ts";
import { type ListedRecord, parseAuditRecord } from "../audit/audit-record.ts";

const DEFAULT_LINES = 50;

/** What `events --json` prints. The names of its fields are a contract; see events.test.ts. */
export interface EventsAnswer {
  readonly schema: "mosaic.events/1";
  readonly complete: boolean;
  readonly path: string;
  /** Oldest first. */
  readonly items: readonly ListedRecord[];
}

/** Prints what happened on this host by somebody's doing, as it stands on record, and as it comes. */
export async function run({ flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const path = fleetPaths(globals.mosaicHome).auditPath;
  const lines = flags.integer("tail") ?? DEFAULT_LINES;
  const actions = flags.texts("action");
  const isAsked = ({ action }: ListedRecord) =>
    actions.length === 0 || actions.some((each) => action === each || action.startsWith(`${each}.`));
  const isFollowing = flags.boolean("follow");
  const isJson = flags.boolean("jsonl") || (isFollowing && globals.isJson);
  const view = textView(io, globals.noColor);
  const items: ListedRecord[] = [];
  // What is not asked for does not count, so that all are read of which the last few are shown.
  const options = { lines: Number.MAX_SAFE_INTEGER, isFollowing: false, signal: io.signal };
  for await (const text of fileLines(path, options, io)) pushIf(items, text, isAsked);
  const shown = items.slice(-lines);
  if (!isFollowing) {
    const answer: EventsAnswer = { schema: "mosaic.events/1", complete: true, path, items: shown };
    return {
      exitCode: EXIT_CODES.ok,
      envelope: answer,
      lines: () => shown,
      text: (how) => shown.map((record) => eventText(record, how)).join(""),
      notes: shown.length > 0 ? [] : [`nothing of that is on record in ${path}`],
    };
  }
  const print = (record: ListedRecord) => io.stdout.write(isJson ? `${safeJson(record)}\n` : eventText(record, view));
  for (const record of shown) print(record);
  const newest = items.at(-1)?.index ?? -1;
  for await (const text of fileLines(path, { ...options, isFollowing: true }, io)) {
    const record = parseAuditRecord(text);
    if (record && (record.index ?? 0) > newest && isAsked(record)) print(record);
  }
  return { exitCode: EXIT_CODES.ok };
}

function pushIf(items: ListedRecord[], text: string, isAsked: (record: ListedRecord) => boolean): void {
  const record = parseAuditRecord(text);
  if (record && isAsked(record)) items.push(record);
}

function eventText({ at, action, actor, agent, facts }: ListedRecord, { style }: TextView): string {
  const told = Object.entries(facts).map(([name, value]) => `${name}=${typeof value === "string" ? value : safeJson(value)}`);
  const words = [...(agent === null ? [] : [agent]), ...told].join(" ");
  return `${style("faint", plainText(at))}  ${style("strong", plainText(action))}  ${plainText(`${actor}  ${words}`.trimEnd())}\n`;
}
