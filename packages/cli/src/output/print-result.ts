import type { CommandResult, Invocation, TextView } from "../command.ts";
import type { Io } from "../io/io.ts";
import { plainText, safeJson } from "./plain-text.ts";
import { styleFor } from "./style.ts";

/** Prints what a command has to say in the form that was asked for: the answer to stdout, the talk to stderr. */
export function printResult(result: CommandResult, { flags, globals }: Invocation, io: Io): void {
  for (const note of result.notes ?? []) io.stderr.write(`${plainText(note)}\n`);
  if (result.lines && flags.boolean("jsonl")) return printLines(result.lines(), io);
  if (globals.isJson && result.envelope)
    return io.stdout.write(`${safeJson(result.envelope, io.stdout.isTerminal ? 2 : undefined)}\n`);
  const text = result.text?.(textView(io, globals.noColor)) ?? "";
  if (text !== "") io.stdout.write(text);
}

/** How text should look on this stdout. */
export function textView(io: Io, noColor: boolean): TextView {
  return { columns: columnsOf(io), style: styleFor({ noColor, isTerminal: io.stdout.isTerminal, env: io.env }) };
}

function columnsOf(io: Io): number | undefined {
  if (!io.stdout.isTerminal) return undefined;
  // COLUMNS wins over the terminal's own word, because it can only be there on purpose.
  const wanted = Number(io.env["COLUMNS"]);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : (io.stdout.columns ?? 80);
}

function printLines(lines: Iterable<object>, io: Io): void {
  let pending = "";
  for (const line of lines) {
    pending += `${safeJson(line)}\n`;
    if (pending.length < BATCH_LENGTH) continue;
    io.stdout.write(pending);
    pending = "";
  }
  if (pending !== "") io.stdout.write(pending);
}

/** One write per line would be one system call per line. */
const BATCH_LENGTH = 64 * 1024;
