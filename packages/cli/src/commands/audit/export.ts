import { resolve } from "node:path";
import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { type AuditHead, EMPTY_HEAD, placeOf } from "@mosaic/host";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";
import { openNewFile } from "../sessions/new-file.ts";
import { type AuditSource, openAuditSource } from "./audit-source.ts";
import { formatExportHead } from "./export-head.ts";
import { orUnreadable } from "./unreadable-log.ts";

/** Writes the records of an audit log out, as they stand, for whoever collects them. */
export async function run({ flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const output = flags.text("file");
  const isToStdout = output === undefined || output === "-";
  if (isToStdout && globals.isJson)
    throw new MosaicError("USAGE", "the records go to standard output as JSON lines, so that --json has no room there", {
      hint: "leave --json out, or name a file with --file",
    });
  await using source = await openAuditSource({ flags, globals });
  const { path } = source;
  const after = flags.integer("after") ?? 0;
  if (isToStdout) {
    await orUnreadable(path, async () => {
      for await (const piece of exported(source, after, io.signal).pieces) {
        io.stdout.write(piece);
        await io.stdout.flushed();
      }
    });
    return { exitCode: EXIT_CODES.ok };
  }
  const target = resolve(io.cwd, output);
  const { records, head } = await orUnreadable(path, () => writeTo(target, source, after, flags.boolean("force"), io.signal));
  return {
    exitCode: EXIT_CODES.ok,
    envelope: { schema: "mosaic.audit.export/1", complete: true, path: target, after, records, head },
    text: () =>
      `${plainText(target)}: ${records} ${records === 1 ? "record" : "records"}, ends with ${head.index}:${head.hash}\n`,
  };
}

async function writeTo(target: string, source: AuditSource, after: number, isForced: boolean, signal: AbortSignal) {
  await using file = await openNewFile(target, isForced);
  const told = exported(source, after, signal);
  for await (const piece of told.pieces) await file.write(Buffer.from(piece));
  await file.finish();
  return { records: told.records, head: told.head };
}

interface Exported {
  readonly pieces: AsyncIterable<string>;
  /** So far. */
  readonly records: number;
  readonly head: AuditHead;
}

function exported(source: AuditSource, after: number, signal: AbortSignal): Exported {
  let [records, head] = [0, EMPTY_HEAD];
  async function* pieces(): AsyncGenerator<string> {
    let pending = "";
    for await (const { text } of source.lines()) {
      signal.throwIfAborted();
      const place = placeOf(text);
      if (place === undefined) continue;
      if (place.index > head.index) head = place;
      if (place.index <= after) continue;
      records += 1;
      pending += `${text}\n`;
      if (pending.length < BATCH_LENGTH) continue;
      yield pending;
      pending = "";
    }
    yield `${pending}${formatExportHead(head)}\n`;
  }
  return {
    pieces: pieces(),
    get records() {
      return records;
    },
    get head() {
      return head;
    },
  };
}

/** One write per line would be one system call per line. */
const BATCH_LENGTH = 64 * 1024;
