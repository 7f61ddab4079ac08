import { EXIT_CODES, MosaicError } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import type { CommandResult, Invocation } from "../../command.ts";
import { askInvitation, invitationNotes, type ToldInvitation } from "../../enrolment/invite-line.ts";
import type { Io } from "../../io/io.ts";

/** What `host invite --json` prints. The names of its fields are a contract; see enrolment.test.ts. */
export interface HostInviteAnswer extends ToldInvitation {
  readonly schema: "mosaic.host.invite/1";
  readonly complete: true;
  readonly tenant_id: string;
}

/** Prints the one line that lets a host in. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const tenantId = invocation.flags.text("tenant");
  if (tenantId === undefined)
    throw new MosaicError("USAGE", "say whose host it will be: --tenant", { hint: "mosaic host invite --tenant team-a" });
  const told = await askInvitation({ kind: "ENROLLED_KIND_NODE", tenantId, name: "" }, invocation, io, fileStore());
  const answer: HostInviteAnswer = { schema: "mosaic.host.invite/1", complete: true, tenant_id: tenantId, ...told };
  const notes = invitationNotes(told, "mosaic host join", io.clock.nowUnixMs());
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => `${told.line}\n`, notes };
}
