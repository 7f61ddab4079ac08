import { MosaicError } from "@mosaic/core/light";
import type { GatewayRole } from "@mosaic/lifecycle";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import type { FleetLogLine } from "../../logs/fleet-log-line.ts";
import { followFleetLogs } from "../../logs/follow-fleet-logs.ts";
import { FollowPrinter } from "../../logs/follow-printer.ts";
import type { LogLevel } from "../../logs/log-line.ts";
import { findTargets, type LogTarget, type LogTargets } from "../../logs/log-targets.ts";
import { fleetLogText } from "../../logs/log-text.ts";
import { nothingFound } from "../../logs/nothing-found.ts";
import { clockNotes, readFleetLogs } from "../../logs/read-fleet-logs.ts";
import { exitCodeOf, isKeptBack, type MissingLog, targetName, toMissing } from "../../logs/read-target.ts";
import { textView } from "../../output/print-result.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { type Place, placesFor } from "../../remote/endpoints.ts";
import { withStream } from "../../remote/open-stream.ts";

/** What `logs --all-hosts --json` prints: as `logs --json`, with whose each line is, and what is missing. */
export interface FleetLogsAnswer {
  readonly schema: "mosaic.logs/1";
  /** False when some log could not be read, or who answers does not know every host there is. */
  readonly complete: boolean;
  /** Whose logs were read. */
  readonly sources: readonly string[];
  /** Whose could not be. */
  readonly missing: readonly MissingLog[];
  /** By time, oldest first. */
  readonly items: readonly FleetLogLine[];
}

/** The contract's own limit. */
const MOST_LINES = 5000;

/** Prints what the daemons of the fleet wrote, through whoever serves it. */
export async function runFleetLogs(
  { flags, globals }: Invocation,
  { lines, level }: { readonly lines: number; readonly level: LogLevel },
  io: Io,
  deps: CommandDeps,
): Promise<CommandResult> {
  if (lines < 1 || lines > MOST_LINES) throw new MosaicError("USAGE", `--tail must be 1 to ${MOST_LINES}, not ${lines}`);
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const question = { lines, level, timeoutMs, isFollowing: flags.boolean("follow") };
  const role = flags.text("role") as GatewayRole | undefined;
  const asked = { role, level };
  const selection = { tenants: flags.texts("tenant"), hosts: flags.texts("host"), role, timeoutMs };
  const find = (places: readonly Place[]) => findTargets(places, selection, deps);
  const found = await find(placesFor("all-hosts", globals));
  return await withStream([found.place], deps, timeoutMs, {
    name: "ReadLog",
    signal: io.signal,
    async work(client, signal) {
      if (!question.isFollowing) return answerOf(found, await readFleetLogs(client, { ...found, ...question, signal }), asked);
      const { style } = textView(io, globals.noColor);
      const isJsonLines = flags.boolean("jsonl") || globals.isJson;
      const printer = new FollowPrinter({ io, style, isJsonLines, lines, nameOf: namesOf(found.targets) });
      const again = async () => (await find([found.place])).targets;
      const follow = { client, clock: io.clock, printer, findTargets: again };
      return { exitCode: await followFleetLogs(follow, { targets: found.targets, lines, level, signal }) };
    },
  });
}

function answerOf(
  { isWhole, targets }: LogTargets,
  { items, failures, answered }: Awaited<ReturnType<typeof readFleetLogs>>,
  { role, level }: { readonly role: GatewayRole | undefined; readonly level: LogLevel },
): CommandResult {
  const isAsked = role === "aggregator";
  const missing = failures.filter(({ target, error }) => isAsked || !isKeptBack(target, error));
  const [first] = missing;
  if (first && answered.length === 0 && missing.every(({ error }) => error.code === first.error.code)) {
    // One that was refused everywhere was refused, and not out of reach.
    if (first.error.code === "NOT_ALLOWED" || first.error.code === "IDENTITY_REFUSED") throw first.error;
  }
  const answer: FleetLogsAnswer = {
    schema: "mosaic.logs/1",
    complete: isWhole && missing.length === 0,
    sources: answered.map(targetName).sort(),
    missing: missing.map(({ target, error }) => toMissing(target, error)),
    items,
  };
  const { complete } = answer;
  const exitCode = exitCodeOf(answered.length, missing.length + (isWhole ? 0 : 1));
  const nameOf = namesOf(targets);
  return {
    exitCode,
    envelope: answer,
    lines: () => [...items.map((line) => ({ type: "line", ...line })), { type: "end", complete, missing: answer.missing }],
    text: ({ style }) => items.map((line) => fleetLogText(line, nameOf(line), style)).join(""),
    notes: [
      ...(isWhole ? [] : ["mosaic: not every host of the fleet is known: see mosaic host list --all-hosts"]),
      ...missing.map(({ target, error }) => `mosaic: ${missingText(targetName(target), error.message)}`),
      ...clockNotes(answered),
      ...(targets.length === 0 ? [`mosaic: there is no ${role ?? "daemon"} whose log could be read`] : []),
      ...(items.length === 0 && answered.length > 0 ? [nothingFound(level, answer.sources)] : []),
    ],
  };
}

// What a server says of it names it, as a rule; what the way there says does not.
function missingText(name: string, why: string): string {
  return why.includes(name) ? why : `no log of ${name}: ${why}`;
}

/** How hosts are called: by name alone, where they are all of one tenant. All as wide as the widest. */
function namesOf(targets: readonly LogTarget[]): (line: Pick<FleetLogLine, "tenant_id" | "host">) => string {
  const tenants = new Set(targets.flatMap(({ tenantId }) => (tenantId === "" ? [] : [tenantId])));
  const nameOf = (tenantId: string, host: string) => (tenants.size > 1 && tenantId !== "" ? `${tenantId}/${host}` : host);
  const width = Math.min(MAX_NAME_WIDTH, Math.max(0, ...targets.map(({ tenantId, host }) => nameOf(tenantId, host).length)));
  return (line) => nameOf(line.tenant_id, line.host).padEnd(width);
}

const MAX_NAME_WIDTH = 36;
