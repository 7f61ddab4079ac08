import { MosaicError, type TerminalClient } from "@mosaic/core";
import { commandLine } from "./command-line.ts";
import type { ControlClient } from "./control-client.ts";

const LIST_CLIENTS = commandLine([
  "list-clients",
  "-F",
  ["#{client_control_mode}", "#{client_readonly}", "#{client_activity}", "#{pane_id}", "#{client_name}"].join("\t"),
]);

/** Asks tmux for the clients whose keys reach a pane.
 *  @throws MosaicError MACHINE */
export async function listClients(client: ControlClient, signal: AbortSignal): Promise<readonly TerminalClient[]> {
  const [reply] = (await client.run([LIST_CLIENTS], { what: "list-clients", signal, isRepeatable: true })) ?? [];
  if (reply === undefined) return [];
  if (!reply.isOk) throw new MosaicError("MACHINE", `cannot list clients: tmux says "${reply.message}"`);
  return parseClients(reply.outputs[0] ?? []);
}

/** Reads the answer; control-mode clients, which are programs, and read-only ones are left out. */
export function parseClients(lines: readonly string[]): TerminalClient[] {
  return lines.flatMap((line) => {
    const [isControl, isReadOnly, activity, paneId = "", name = ""] = line.split("\t");
    if (isControl !== "0" || isReadOnly === "1") return [];
    return { name, paneId, lastKeyUnixMs: Number(activity) * 1000 };
  });
}
