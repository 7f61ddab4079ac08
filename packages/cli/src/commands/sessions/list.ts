import type { RecordingFile } from "@mosaic/core/recordings";
import type { CommandResult, Invocation, TextView } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { ageText } from "../../output/age-text.ts";
import { belowTable, notShown } from "../../output/below-table.ts";
import { plainText } from "../../output/plain-text.ts";
import { sizeText } from "../../output/size-text.ts";
import { type Column, renderTable, type TableRow } from "../../output/table.ts";
import { listRecordings, openRecordings } from "./open-recordings.ts";

/** One recording, as `sessions list --json` and `sessions prune --json` tell it. */
export interface ListedRecording {
  readonly id: string;
  readonly agent: string;
  readonly path: string;
  readonly started_unix_ms: number;
  /** Until something was last written. */
  readonly duration_ms: number;
  readonly bytes: number;
  readonly is_being_written: boolean;
}

/** Lists this host's recordings. */
export async function run({ flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const files = await listRecordings(openRecordings(globals.mosaicHome), flags.texts("agent"));
  const items = files.map(toListedRecording);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const isWide = flags.boolean("wide");
  return {
    exitCode: 0,
    envelope: { schema: "mosaic.sessions.list/1", complete: true, bytes, items },
    text: (view) => recordingTable(items, bytes, io.clock.nowUnixMs(), isWide ? { ...view, columns: undefined } : view),
  };
}

/** The fields of a recording that are a contract; see list.test.ts. */
export function toListedRecording(file: RecordingFile): ListedRecording {
  return {
    id: file.id,
    agent: file.agent,
    path: file.path,
    started_unix_ms: file.startedUnixMs,
    duration_ms: Math.max(0, file.modifiedUnixMs - file.startedUnixMs),
    bytes: file.bytes,
    is_being_written: file.isBeingWritten,
  };
}

const COLUMNS: readonly Column[] = [
  { title: "ID" },
  { title: "AGENT" },
  // The id begins with the time.
  { title: "AGE", dropRank: 2 },
  { title: "LENGTH", dropRank: 3 },
  { title: "SIZE", dropRank: 4 },
  { title: "STATE", dropRank: 1 },
];

const NO_RECORDINGS = "No recordings. An agent is recorded when its entry in the roster has: recording: {}";

function recordingTable(items: readonly ListedRecording[], bytes: number, nowUnixMs: number, view: TextView): string {
  if (items.length === 0) return `${belowTable([NO_RECORDINGS], view.columns).join("\n")}\n`;
  const rows = items.map(
    (item): TableRow => ({
      kind: "cells",
      cells: [
        { text: item.id, tone: "strong" },
        { text: plainText(item.agent) },
        { text: ageText(nowUnixMs - item.started_unix_ms) },
        { text: ageText(item.duration_ms) },
        { text: sizeText(item.bytes) },
        item.is_being_written ? { text: "recording", tone: "good" } : { text: "finished" },
      ],
    }),
  );
  const count = `${items.length} ${items.length === 1 ? "recording" : "recordings"}, ${sizeText(bytes)}.`;
  const { lines, hidden } = renderTable(COLUMNS, rows, view);
  const footer = [count, ...notShown(hidden, view.style)].join(" ");
  return `${[...lines, ...belowTable([footer], view.columns)].join("\n")}\n`;
}
