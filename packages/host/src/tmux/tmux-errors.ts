import { MosaicError } from "@mosaic/core";
import { DEAD_PANE } from "./command-line.ts";
import type { LineReply } from "./control-connection.ts";

/** Checks what a pane's name is made of before it becomes a target, where other text has a meaning of its own.
 *  @throws MosaicError `USAGE` */
export function assertPaneId(paneId: string): void {
  if (!/^%\d+$/.test(paneId)) throw new MosaicError("USAGE", `"${paneId}" is no pane id`);
}

/** Passes the replies on when all are there and well.
 *  @param replies undefined when no server runs
 *  @throws MosaicError `AGENT_NOT_RUNNING` when the pane, its process or the server is gone; `MACHINE` for anything else */
export function assertPaneReplies(
  verb: string,
  paneId: string,
  replies: readonly LineReply[] | undefined,
): asserts replies is readonly LineReply[] {
  if (replies === undefined) throw notRunning(verb, paneId, "no tmux server runs");
  for (const { isOk, message, outputs } of replies) {
    if (outputs[1]?.[0] === DEAD_PANE || /pane has exited/.test(message)) throw notRunning(verb, paneId, "its program has ended");
    if (/can't find (pane|window|session)/.test(message)) throw notRunning(verb, paneId, "it is gone");
    if (!isOk) throw new MosaicError("MACHINE", `cannot ${verb} pane ${paneId}: tmux says "${message}"`);
  }
}

function notRunning(verb: string, paneId: string, why: string): MosaicError {
  return new MosaicError("AGENT_NOT_RUNNING", `cannot ${verb} pane ${paneId}: ${why}`);
}

/** Says what tmux means when it does not let a client attach. */
export function refusalMeans(reason: string): "no-server" | "no-session" | "trouble" {
  if (/no server running|error connecting|server exited|lost server/.test(reason)) return "no-server";
  return /can't find|no sessions|no current/.test(reason) ? "no-session" : "trouble";
}
