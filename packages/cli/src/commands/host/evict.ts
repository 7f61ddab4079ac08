import { fileStore } from "@mosaic/host";
import type { CommandResult, Invocation } from "../../command.ts";
import { changeLocks } from "../../enrolment/change-locks.ts";
import type { Io } from "../../io/io.ts";

/** Takes the certificates of a host away; it may be invited again. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  return await changeLocks("evicted", invocation, io, fileStore());
}
