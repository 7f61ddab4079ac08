import { resolve } from "node:path";
import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { type RecordingFile, type RecordingStore, readCast } from "@mosaic/core/recordings";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";
import { sizeText } from "../../output/size-text.ts";
import { renderCast } from "../../terminal/cast-screen.ts";
import { eventLines } from "./event-lines.ts";
import { openNewFile } from "./new-file.ts";
import { openRecordings, recordingNamed } from "./open-recordings.ts";

type Format = "cast" | "text" | "jsonl";

/** Writes a recording out. */
export async function run({ args, flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const format = (flags.text("format") ?? "cast") as Format;
  const output = flags.text("output");
  const isToStdout = output === undefined || output === "-";
  if (isToStdout && globals.isJson)
    throw new MosaicError("USAGE", "the recording itself goes to standard output, so that --json has no room there", {
      hint: "name a file with --output",
    });
  const store = openRecordings(globals.mosaicHome);
  const file = await recordingNamed(store, args[0] ?? "");
  const pieces = piecesOf(store, file, format);
  if (isToStdout) {
    await print(pieces, io);
    return { exitCode: EXIT_CODES.ok };
  }
  const path = resolve(io.cwd, output);
  const bytes = await write(pieces, path, flags.boolean("force"));
  return {
    exitCode: EXIT_CODES.ok,
    envelope: { schema: "mosaic.sessions.export/1", complete: true, id: file.id, agent: file.agent, format, path, bytes },
    text: () => `${plainText(path)}: ${sizeText(bytes)} of ${format}\n`,
  };
}

async function* piecesOf(store: RecordingStore, file: RecordingFile, format: Format): AsyncGenerator<string | Uint8Array> {
  const chunks = store.read(file.agent, file.id);
  if (format === "cast") return yield* chunks;
  const cast = await readCast(chunks, file.id);
  if (format === "jsonl") return yield* eventLines(cast, file);
  const { lines } = await renderCast(cast);
  yield lines.map((line) => `${line}\n`).join("");
}

async function print(pieces: AsyncIterable<string | Uint8Array>, io: Io): Promise<void> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for await (const piece of pieces) {
    io.signal.throwIfAborted();
    io.stdout.write(typeof piece === "string" ? piece : decoder.decode(piece, { stream: true }));
    await io.stdout.flushed();
  }
}

async function write(pieces: AsyncIterable<string | Uint8Array>, path: string, isForced: boolean): Promise<number> {
  await using file = await openNewFile(path, isForced);
  let bytes = 0;
  for await (const piece of pieces) {
    const data = typeof piece === "string" ? Buffer.from(piece) : piece;
    await file.write(data);
    bytes += data.length;
  }
  await file.finish();
  return bytes;
}
