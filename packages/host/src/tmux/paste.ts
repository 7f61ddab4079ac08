import { randomUUID } from "node:crypto";
import { MosaicError } from "@mosaic/core";
import type { AttachGate } from "./attach-gate.ts";
import { commandLine, forLivePane } from "./command-line.ts";
import type { ControlClient } from "./control-client.ts";
import { assertPaneReplies } from "./tmux-errors.ts";
import { runTmux, type TmuxProgram } from "./tmux-program.ts";

/** Puts text into a pane as one bracketed paste, byte for byte. The text goes to tmux over standard input, so that neither
 *  its size nor its characters matter, into a buffer of its own that is gone afterwards, also when the paste fails.
 *  @throws MosaicError `USAGE` for text that would end the paste early, `AGENT_NOT_RUNNING`, `MACHINE`, `CANCELLED` */
export async function pasteText(
  deps: { readonly tmux: TmuxProgram; readonly client: ControlClient; readonly gate: AttachGate },
  paneId: string,
  text: string,
  { signal, onReady = async () => {} }: { readonly signal: AbortSignal; readonly onReady?: (() => Promise<void>) | undefined },
): Promise<void> {
  if (text.includes(PASTE_END)) {
    // What follows it would reach the program as keystrokes.
    throw new MosaicError("USAGE", "cannot paste a text that holds the end mark of a bracketed paste (ESC [ 2 0 1 ~)");
  }
  // tmux takes no empty buffer, and nothing is what an empty paste puts in.
  if (text === "") return await onReady();
  const { tmux, client, gate } = deps;
  // Whether the pane lives is asked before anything is stored, and once more with the paste itself.
  const question = { what: "display-message", signal, isRepeatable: true };
  assertPaneReplies("paste into", paneId, await client.run([forLivePane(paneId, ["has-session", "-t", paneId])], question));
  const buffer = `mosaic-${randomUUID()}`;
  let isPasted = false;
  try {
    await gate.disturb(() => load(tmux, buffer, text, signal));
    await onReady();
    const paste = forLivePane(paneId, ["paste-buffer", ...client.pasteFlags(), "-b", buffer, "-t", paneId]);
    const replies = await client.run([paste], { what: "paste-buffer", signal, isRepeatable: false, isDisturbing: true });
    assertPaneReplies("paste into", paneId, replies);
    isPasted = true;
  } finally {
    if (!isPasted) await deleteBuffer(client, buffer);
  }
}

const PASTE_END = "\x1b[201~";
const LOAD_DEADLINE_MS = 5_000;

async function load(tmux: TmuxProgram, buffer: string, text: string, signal: AbortSignal): Promise<void> {
  const command = ["load-buffer", "-b", buffer, "-"];
  const { exitCode, stderr } = await runTmux(tmux, command, { stdin: text, timeoutMs: LOAD_DEADLINE_MS, signal });
  if (exitCode !== 0)
    throw new MosaicError("MACHINE", `tmux did not take a text to paste: ${stderr.trim() || `exit code ${exitCode}`}`);
}

async function deleteBuffer(client: ControlClient, buffer: string): Promise<void> {
  const options = { what: "delete-buffer", signal: new AbortController().signal, isRepeatable: true, isDisturbing: true };
  // The paste's own error is the one to tell, and tmux also refuses when the buffer was never made.
  await client.run([commandLine(["delete-buffer", "-b", buffer])], options).catch(() => undefined);
}
