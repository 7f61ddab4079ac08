import { MosaicError } from "../errors.ts";
import { type CastEvent, type CastHeader, parseCastEvent, parseCastHeader } from "./cast-format.ts";
import { createUtf8Stream } from "./utf8-stream.ts";

/** A recording while it is read. */
export interface CastReader {
  readonly header: CastHeader;
  /** In the order of the file. Can be walked through once. */
  readonly events: AsyncIterable<CastEvent>;
  /** Lines that were no events, so far. The last line of a file that is still being written, or was cut off by a crash, is
   *  often one. */
  readonly skippedLines: number;
}

/** Reads a recording piece by piece, in memory of no more than its longest line.
 *  @param name the recording's, for errors
 *  @throws MosaicError USAGE when it is no asciicast v2, or holds a line larger than 16 MiB */
export async function readCast(chunks: AsyncIterable<Uint8Array>, name: string): Promise<CastReader> {
  const lines = linesOf(chunks, name)[Symbol.asyncIterator]();
  const first = await lines.next();
  const header = first.done ? undefined : parseCastHeader(first.value);
  if (header === undefined) throw new MosaicError("USAGE", `"${name}" is no recording: it does not begin as asciicast v2`);
  let skippedLines = 0;
  async function* events(): AsyncGenerator<CastEvent> {
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
      const event = parseCastEvent(next.value);
      if (event !== undefined) yield event;
      else if (next.value.trim() !== "") skippedLines += 1;
    }
  }
  return {
    header,
    events: events(),
    get skippedLines() {
      return skippedLines;
    },
  };
}

/** Our own lines have some 25,000 characters at most. */
const MAX_LINE_LENGTH = 16 * 1_048_576;

async function* linesOf(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  const decoder = createUtf8Stream();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.push(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > MAX_LINE_LENGTH)
      throw new MosaicError("USAGE", `"${name}" is no recording: it holds a line of more than ${MAX_LINE_LENGTH} characters`);
  }
  rest += decoder.end();
  if (rest !== "") yield rest;
}
