import { parseJson } from "../text/json-values.ts";

/** First line of a recording: asciicast v2, https://docs.asciinema.org/manual/asciicast/v2/ . */
export interface CastHeader {
  readonly columns: number;
  readonly rows: number;
  /** When the recording began, in ms of wall time; the file holds whole seconds. Undefined: the file does not say. */
  readonly startedUnixMs: number | undefined;
  readonly title: string | undefined;
}

/** One event of a recording, with the time since the recording began. */
export type CastEvent = { readonly atMs: number } & (
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "resized"; readonly columns: number; readonly rows: number }
  | { readonly kind: "marker"; readonly label: string }
  /** What was typed, or a kind of a later version: kept so that nothing is lost on the way through. */
  | { readonly kind: "other"; readonly code: string; readonly data: string }
);

/** Writes the first line of a file. */
export function formatCastHeader({ columns, rows, startedUnixMs, title }: CastHeader): string {
  const timestamp = startedUnixMs === undefined ? undefined : Math.floor(startedUnixMs / 1000);
  return `${JSON.stringify({ version: 2, width: columns, height: rows, timestamp, title })}\n`;
}

/** Writes an event as one line; of output, which can be long, as many as it takes for each to stay small. */
export function formatCastEvent(event: CastEvent): string {
  const seconds = formatSeconds(event.atMs);
  const line = (code: string, data: string) => `[${seconds}, ${JSON.stringify(code)}, ${JSON.stringify(data)}]\n`;
  if (event.kind === "output")
    return piecesOf(event.text)
      .map((piece) => line("o", piece))
      .join("");
  if (event.kind === "resized") return line("r", `${event.columns}x${event.rows}`);
  if (event.kind === "marker") return line("m", event.label);
  return line(event.code, event.data);
}

/** Reads the first line of a file.
 *  @returns undefined when it is none of asciicast v2 */
export function parseCastHeader(line: string): CastHeader | undefined {
  const found = parseJson(line);
  if (typeof found !== "object" || found === null) return undefined;
  const { version, width, height, timestamp, title } = found as Record<string, unknown>;
  if (version !== 2 || !isSize(width) || !isSize(height)) return undefined;
  return {
    columns: width,
    rows: height,
    startedUnixMs: typeof timestamp === "number" && Number.isFinite(timestamp) ? timestamp * 1000 : undefined,
    title: typeof title === "string" ? title : undefined,
  };
}

/** Reads one of the other lines.
 *  @returns undefined when it is no event: torn by a crash, or still being written */
export function parseCastEvent(line: string): CastEvent | undefined {
  const found = parseJson(line);
  if (!Array.isArray(found) || found.length < 3) return undefined;
  const [seconds, code, data] = found as readonly unknown[];
  if (typeof seconds !== "number" || !(seconds >= 0) || typeof code !== "string" || typeof data !== "string") return undefined;
  const atMs = seconds * 1000;
  if (code === "o") return { atMs, kind: "output", text: data };
  if (code === "m") return { atMs, kind: "marker", label: data };
  if (code !== "r") return { atMs, kind: "other", code, data };
  const [columns = 0, rows = 0] = /^\d{1,4}x\d{1,4}$/.test(data) ? data.split("x").map(Number) : [];
  return isSize(columns) && isSize(rows) ? { atMs, kind: "resized", columns, rows } : undefined;
}

/** Characters of output in one line: small against any limit of a file's size. */
const PIECE_LENGTH = 4096;
/** Larger than any terminal; a bound against a file that makes things up. */
const MAX_SIZE = 5000;

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_SIZE;
}

// Microseconds, as the specification's own examples: some players order by them.
function formatSeconds(ms: number): string {
  const microseconds = Math.max(0, Math.round(ms * 1000));
  return `${Math.floor(microseconds / 1_000_000)}.${String(microseconds % 1_000_000).padStart(6, "0")}`;
}

function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(text.length, start + PIECE_LENGTH);
    // The two halves of a character beyond the first 65,536 stay together.
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end += 1;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}
