import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { type CastReader, readCast } from "@mosaic/core/recordings";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { renderCast } from "../../terminal/cast-screen.ts";
import { type PlayOptions, playCast } from "../../terminal/play-cast.ts";
import { openRecordings, recordingNamed } from "./open-recordings.ts";

/** Shows what a recorded terminal showed, or plays it. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const { args, flags, globals } = invocation;
  const options = flags.boolean("play") ? playOptions(invocation, io) : undefined;
  const lines = flags.integer("lines");
  if (lines === 0) throw new MosaicError("USAGE", "--lines must be 1 or more, not 0");
  const store = openRecordings(globals.mosaicHome);
  const file = await recordingNamed(store, args[0] ?? "");
  const cast = await readCast(store.read(file.agent, file.id), file.id);
  if (options) return await play(cast, options, io);
  const screen = await renderCast(cast, flags.durationMs("at"));
  const shown = lines === undefined ? screen.lines : screen.lines.slice(-lines);
  return {
    exitCode: EXIT_CODES.ok,
    envelope: {
      schema: "mosaic.sessions.show/1",
      complete: true,
      id: file.id,
      agent: file.agent,
      is_being_written: file.isBeingWritten,
      at_ms: Math.round(screen.atMs),
      duration_ms: Math.round(screen.durationMs),
      columns: screen.columns,
      rows: screen.rows,
      alternate_screen: screen.isAlternateScreen,
      lines: shown,
    },
    text: () => shown.map((line) => `${line}\n`).join(""),
    notes: skippedNote(cast, file.isBeingWritten),
  };
}

function playOptions({ flags, globals }: Invocation, io: Io): PlayOptions {
  if (globals.isJson)
    throw new MosaicError("USAGE", "--play draws on the terminal; it has no JSON", { hint: "leave --play out" });
  if (!io.stdout.isTerminal || io.env["TERM"] === "dumb")
    throw new MosaicError("USAGE", "--play needs a terminal to play on", { hint: "leave --play out to get the text" });
  const text = flags.text("speed") ?? "1";
  const speed = /^\d{1,3}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (speed < 0.01)
    throw new MosaicError("USAGE", `--speed: not a factor: ${JSON.stringify(text.slice(0, 80))}`, { hint: "write 0.5, 1 or 4" });
  return { speed, idleLimitMs: flags.durationMs("idle-limit"), fromMs: flags.durationMs("at") ?? 0 };
}

async function play(cast: CastReader, options: PlayOptions, io: Io): Promise<CommandResult> {
  const { columns, rows } = cast.header;
  const [ownColumns, ownRows] = [io.stdout.columns ?? columns, io.stdout.rows ?? rows];
  const end = await playCast(cast.events, options, io);
  const isSmaller = ownColumns < columns || ownRows < rows;
  const notes = isSmaller
    ? [`mosaic: it was recorded at ${columns}x${rows}, and this terminal is ${ownColumns}x${ownRows}: parts were misplaced`]
    : [];
  return { exitCode: end === "interrupted" ? EXIT_CODES.interrupted : EXIT_CODES.ok, notes };
}

// The last line of a file that is being written is often half there, and that is nothing to talk about.
function skippedNote(cast: CastReader, isBeingWritten: boolean): readonly string[] {
  const skipped = cast.skippedLines - (isBeingWritten ? 1 : 0);
  return skipped > 0 ? [`mosaic: ${skipped} ${skipped === 1 ? "line" : "lines"} of the recording can't be read`] : [];
}
