import assert from "node:assert/strict";
import type { ProgramEnd } from "../run-program.ts";
import { tmux } from "../test-terminal.ts";
import type { Place } from "./place.ts";

/** The message that the manuals name; it was answered. */
export const MESSAGE_ID = "019aa5b0-2c8e-7c41-9d0e-5b8f8a3d9c11";

/** Sends it; and leaves a draft in the composer of gamma's lead, which holds up what comes for it.
 *  @param socket name of the tmux socket of gamma */
export async function sayFirst(
  mosaic: (place: Place, ...args: string[]) => Promise<ProgramEnd>,
  fleet: Place,
  socket: string,
): Promise<void> {
  await tmux(socket, ["send-keys", "-t", "=lead:", "-l", "a draft"]);
  const sent = await mosaic(fleet, "agent", "send", "alpha/lead", "-m", "first", "--wait", "answered", "--id", MESSAGE_ID);
  assert.equal(sent.exitCode, 0, sent.stderr);
}
