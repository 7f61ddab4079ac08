import type { TerminalKeyboard } from "@mosaic/core";
import { type CommandLine, forLivePane } from "./command-line.ts";
import type { ControlClient } from "./control-client.ts";
import { assertPaneId, assertPaneReplies } from "./tmux-errors.ts";

/** Bytes of one command: a line of it stays well below what tmux parses in one go. */
const BYTES_PER_LINE = 512;
/** Bytes given to tmux at once: a paste of this size stays in one piece, and no more of it waits in the connection. */
const BYTES_PER_RUN = 16_384;

/** Makes the keyboard of a server: every byte reaches the pane's program as it is, whatever tmux would call the key.
 *  When somebody looks through the pane's history, that mode is left first: it would take the keys for itself. */
export function createKeyboard(client: ControlClient): TerminalKeyboard {
  return {
    async typeBytes(paneId, bytes, signal) {
      assertPaneId(paneId);
      for (const part of partsOf(bytes, BYTES_PER_RUN)) {
        const options = { what: "send-keys", signal, isRepeatable: false, isDisturbing: true };
        assertPaneReplies("type into", paneId, await client.run(typingLines(paneId, part), options));
      }
    },
  };
}

/** The lines that type bytes into a pane, in order. */
export function typingLines(paneId: string, bytes: Uint8Array): readonly CommandLine[] {
  const codes = (part: Uint8Array) => [...part].map((byte) => byte.toString(16).padStart(2, "0"));
  return [
    forLivePane(paneId, ["copy-mode", "-q", "-t", paneId]),
    ...[...partsOf(bytes, BYTES_PER_LINE)].map((part) =>
      forLivePane(paneId, ["send-keys", "-t", paneId, "-H", "--", ...codes(part)]),
    ),
  ];
}

function* partsOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
