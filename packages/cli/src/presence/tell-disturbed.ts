import type { PresenceResponseJson } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import type { Io } from "../io/io.ts";
import { presenceAnswer } from "./presence-answer.ts";
import { disturbedText, isAnybodyServed } from "./presence-text.ts";

/** How long a daemon may take to say whom it serves, in ms: it is about to be ended anyway. */
const ASK_MS = 1000;

/** Says on stderr whom the end of a daemon of this host disturbs, where it disturbs anybody. */
export async function tellDisturbed(socketPath: string, role: string, io: Io, deps: CommandDeps): Promise<void> {
  // Of an aggregator itself, and not of the hosts behind it: no host has that name.
  const request = role === "aggregator" ? { selector: { hosts: ["?"] } } : {};
  try {
    const reply = await deps.remote.unary<PresenceResponseJson>({ kind: "unix", path: socketPath }, "Presence", request, ASK_MS);
    const answer = presenceAnswer(reply, undefined);
    if (isAnybodyServed(answer)) io.stderr.write(`mosaic-${role}: ${disturbedText(answer)}\n`);
  } catch {
    // One that does not answer, or is older, serves nobody that could be told of; it is ended all the same.
  }
}
