import { MosaicError } from "@mosaic/core";
import { type CommandLine, forLivePane } from "./command-line.ts";

/** The lines that press one key in a pane. When somebody looks through the pane's history, that mode is left first: it
 *  would take the key for itself.
 *  @throws MosaicError `USAGE` for a name that tmux does not know as a key: it would type such a name out as text */
export function keyCommands(paneId: string, key: string): readonly CommandLine[] {
  if (!KEY.test(key)) {
    throw new MosaicError("USAGE", `"${key}" is no key`, {
      hint: "keys are named as tmux does: Enter, Escape, C-c, M-x, Up, F1, y",
    });
  }
  return [forLivePane(paneId, ["copy-mode", "-q", "-t", paneId]), forLivePane(paneId, ["send-keys", "-t", paneId, "--", key])];
}

const NAMES = [
  ...["Enter", "Escape", "Tab", "BTab", "Space", "BSpace", "Up", "Down", "Left", "Right", "Home", "End", "Insert", "IC"],
  ...["Delete", "DC", "PageUp", "PgUp", "PPage", "PageDown", "PgDn", "NPage", "F[1-9]", "F1[0-2]"],
];
const KEY = new RegExp(`^(?:[CMS]-){0,3}(?:${NAMES.join("|")}|[!-~])$`);
