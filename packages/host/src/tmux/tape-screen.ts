import { MosaicError, type TapeScreen } from "@mosaic/core";
import { captureCommands, toCapture } from "./capture.ts";
import { type CommandLine, commandLine } from "./command-line.ts";
import type { LineReply } from "./control-connection.ts";
import { unescapeOctal } from "./pane-output.ts";

const CAPTURE = { withEscapes: true } as const;
const MODE_FIELDS = ["scroll_region_upper", "scroll_region_lower", "origin_flag", "insert_flag", "wrap_flag"];

/** Asks for all of a pane that can be told of it. To be sent together, as in {@link captureCommands}. */
export function screenCommands(paneId: string): readonly CommandLine[] {
  return [
    ...captureCommands(paneId, CAPTURE),
    commandLine(["display-message", "-p", "-t", paneId, MODE_FIELDS.map((name) => `#{${name}}`).join(" ")]),
    // What began and did not end: with `-C` its control characters are octal, so that it is one line.
    commandLine(["capture-pane", "-p", "-P", "-C", "-t", paneId]),
  ];
}

/** Puts the four answers together.
 *  @throws MosaicError MACHINE when they are not what tmux answers */
export function parseTapeScreen(replies: readonly LineReply[]): TapeScreen {
  const [cursor, screen, modes, pending] = replies.map((reply) => reply.outputs[0] ?? []);
  const capture = toCapture(cursor?.[0] ?? "", screen ?? [], CAPTURE);
  const fields = (modes?.[0] ?? "").split(" ").map(Number);
  if (fields.length !== MODE_FIELDS.length || fields.some(Number.isNaN)) {
    throw new MosaicError("MACHINE", `tmux told a pane's modes as "${modes?.[0]}"`);
  }
  const [scrollTop = 0, scrollBottom = capture.rows - 1, origin, insert, wrap] = fields;
  return {
    ...capture,
    scrollTop,
    scrollBottom,
    isOriginMode: origin === 1,
    isInsertMode: insert === 1,
    isWrapMode: wrap === 1,
    pending: Buffer.from(unescapeOctal(Buffer.from((pending ?? []).join(""), "utf8"))).toString("utf8"),
  };
}
