import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { auditTable } from "../../output/audit-table.ts";
import { parseDurationMs } from "../../parse/duration.ts";
import type { FlagValues } from "../../parse/flag-values.ts";
import { type AuditListAnswer, type ListedRecord, parseAuditRecord } from "./audit-record.ts";
import { type AuditSource, openAuditSource } from "./audit-source.ts";
import { orUnreadable } from "./unreadable-log.ts";

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 100_000;
/** A hundred years: no timer waits for it. */
const MAX_SINCE_MS = 36_500 * 86_400_000;

/** Lists what is on record on this host, or in a database that aggregators share. */
export async function run({ flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const limit = flags.integer("limit") ?? DEFAULT_LIMIT;
  if (limit < 1 || limit > MAX_LIMIT) throw new MosaicError("USAGE", `--limit must be 1 to ${MAX_LIMIT}, not ${limit}`);
  await using source = await openAuditSource({ flags, globals });
  const answer = await readRecords(source, limit, filterOf(flags, io.clock.nowUnixMs()), io.signal);
  const isWide = flags.boolean("wide");
  return {
    exitCode: EXIT_CODES.ok,
    envelope: answer,
    lines: () => linesOf(answer),
    text: (view) => auditTable(answer, isWide ? { ...view, columns: undefined } : view),
    notes: answer.complete ? [] : [`only the newest ${limit} are shown; see more with --limit, or narrow it with --since`],
  };
}

type Filter = (record: ListedRecord) => boolean;

function filterOf(flags: FlagValues, nowUnixMs: number): Filter {
  const since = sinceText(flags.text("since"), nowUnixMs);
  const [actions, agents] = [flags.texts("action"), flags.texts("agent")];
  const isAction = (action: string) => actions.some((each) => action === each || action.startsWith(`${each}.`));
  return ({ at, action, agent }) =>
    (since === undefined || at >= since) &&
    (actions.length === 0 || isAction(action)) &&
    (agents.length === 0 || (agent !== null && agents.includes(agent)));
}

function sinceText(since: string | undefined, nowUnixMs: number): string | undefined {
  if (since === undefined) return undefined;
  return new Date(nowUnixMs - parseDurationMs(since, "--since", MAX_SINCE_MS)).toISOString();
}

async function readRecords(
  { path, ...source }: AuditSource,
  limit: number,
  isAsked: Filter,
  signal: AbortSignal,
): Promise<AuditListAnswer> {
  let items: ListedRecord[] = [];
  let found = 0;
  let unreadable = 0;
  await orUnreadable(path, async () => {
    for await (const { text } of source.lines()) {
      signal.throwIfAborted();
      const record = parseAuditRecord(text);
      if (record === undefined) unreadable += 1;
      if (record === undefined || !isAsked(record)) continue;
      found += 1;
      items.push(record);
      if (items.length >= 2 * limit) items = items.slice(-limit);
    }
  });
  const complete = found <= limit;
  return { schema: "mosaic.audit.list/1", complete, path, unreadable_count: unreadable, items: items.slice(-limit) };
}

function* linesOf({ schema, items, ...summary }: AuditListAnswer): Iterable<object> {
  for (const item of items) yield { schema, type: "item", ...item };
  yield { schema, type: "summary", ...summary, item_count: items.length };
}
