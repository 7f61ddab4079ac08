import { fileStore } from "@mosaic/host";
import type { CommandResult, Invocation } from "../../command.ts";
import { changeLocks } from "../../enrolment/change-locks.ts";
import type { Io } from "../../io/io.ts";

/** Locks a host out with its id and its key, or lifts that. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  return await changeLocks(invocation.flags.boolean("lift") ? "lifted" : "banned", invocation, io, fileStore());
}
