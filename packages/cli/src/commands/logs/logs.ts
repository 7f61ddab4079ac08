import { existsSync } from "node:fs";
import { EXIT_CODES } from "@mosaic/core/light";
import type { GatewayRole } from "@mosaic/lifecycle";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { fileSource, journalSource, type LogSource } from "../../local/log-source.ts";
import { isAtLeast, type LogLevel, type LogLine } from "../../logs/log-line.ts";
import { logText } from "../../logs/log-text.ts";
import { nothingFound } from "../../logs/nothing-found.ts";
import { safeJson } from "../../output/plain-text.ts";
import { textView } from "../../output/print-result.ts";

const DEFAULT_LINES = 120;
/** Of as many lines those of a level are looked for. */
const MOST_LINES = 20_000;

/** What `logs --json` prints. The names of its fields are a contract; see logs.test.ts. */
export interface LogsAnswer {
  readonly schema: "mosaic.logs/1";
  readonly complete: boolean;
  /** Where it was read. */
  readonly sources: readonly string[];
  /** Oldest first. */
  readonly items: readonly LogLine[];
}

/** Prints what the daemons of this home wrote, or those of the fleet. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { flags, globals } = invocation;
  const role = flags.text("role") as GatewayRole | undefined;
  const ofFleet = flags.boolean("all-hosts") || flags.texts("host").length > 0 || flags.texts("tenant").length > 0;
  // Who names somebody to ask does not mean this host's own files.
  if (ofFleet || globals.isEndpointFlagged) {
    const { runFleetLogs } = await import("./fleet-logs.ts");
    const level = (flags.text("level") ?? "debug") as LogLevel;
    return await runFleetLogs(invocation, { lines: flags.integer("tail") ?? DEFAULT_LINES, level }, io, deps);
  }
  const sources = sourcesOf(globals.mosaicHome, role === undefined ? ["node", "aggregator"] : [role], io);
  const lines = flags.integer("tail") ?? DEFAULT_LINES;
  const level = (flags.text("level") ?? "debug") as LogLevel;
  if (flags.boolean("follow")) return await follow(sources, { lines, level }, invocation, io);
  const read = level === "debug" ? lines : MOST_LINES;
  const all = await Promise.all(sources.map((source) => allOf(source.read(read, false, io.signal))));
  const found = all.flat().filter((line) => isAtLeast(line, level));
  const items = found.toSorted((one, other) => (one.time_unix_ms ?? 0) - (other.time_unix_ms ?? 0)).slice(-lines);
  const answer: LogsAnswer = { schema: "mosaic.logs/1", complete: true, sources: sources.map(({ name }) => name), items };
  return {
    exitCode: EXIT_CODES.ok,
    envelope: answer,
    lines: () => items,
    text: ({ style }) => items.map((line) => logText(line, style)).join(""),
    notes: items.length > 0 ? [] : [nothingFound(level, answer.sources)],
  };
}

async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function follow(
  sources: readonly LogSource[],
  { lines, level }: { readonly lines: number; readonly level: LogLevel },
  { flags, globals }: Invocation,
  io: Io,
): Promise<CommandResult> {
  const isJson = globals.isJson || flags.boolean("jsonl");
  const { style } = textView(io, globals.noColor);
  const print = async (source: LogSource) => {
    for await (const line of source.read(lines, true, io.signal))
      if (isAtLeast(line, level)) io.stdout.write(isJson ? `${safeJson(line)}\n` : logText(line, style));
  };
  await Promise.all(sources.map(print));
  return { exitCode: EXIT_CODES.ok };
}

// A daemon that was started with its output in a file has no unit; all others' words are in the journal.
function sourcesOf(mosaicHome: string, roles: readonly GatewayRole[], io: Io): readonly LogSource[] {
  const pathOf = (role: GatewayRole) => `${mosaicHome}/${role}.log`;
  const inFiles = roles.filter((role) => existsSync(pathOf(role)));
  const inJournal = roles.filter((role) => !inFiles.includes(role));
  // Where one daemon has a file, it is a demo's home or one kept by hand: the journal is another fleet's.
  if (inFiles.length > 0) return inFiles.map((role) => fileSource(pathOf(role), role, io));
  return [journalSource(inJournal, io.env)];
}
