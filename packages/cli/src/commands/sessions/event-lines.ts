import type { CastEvent, CastReader, RecordingFile } from "@mosaic/core/recordings";
import { safeJson } from "../../output/plain-text.ts";

/** Writes a recording as JSON lines of `mosaic.sessions.event/1`: a header, then every event. Their fields are a contract; see
 *  export.test.ts. */
export async function* eventLines(cast: CastReader, { id, agent }: RecordingFile): AsyncGenerator<string> {
  const schema = "mosaic.sessions.event/1";
  const { columns, rows, startedUnixMs, title } = cast.header;
  const header = {
    schema,
    type: "header",
    id,
    agent,
    columns,
    rows,
    started_unix_ms: startedUnixMs ?? null,
    title: title ?? null,
  };
  yield `${safeJson(header)}\n`;
  for await (const event of cast.events) yield `${safeJson({ schema, at_ms: round(event.atMs), ...fieldsOf(event) })}\n`;
}

function fieldsOf(event: CastEvent): object {
  if (event.kind === "output") return { type: "output", text: event.text };
  if (event.kind === "resized") return { type: "resized", columns: event.columns, rows: event.rows };
  if (event.kind === "marker") return { type: "marker", label: event.label };
  return { type: "other", code: event.code, data: event.data };
}

// Microseconds, as the file has them.
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
