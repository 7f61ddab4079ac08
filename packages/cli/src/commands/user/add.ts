import { EXIT_CODES, MosaicError } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import type { CommandResult, Invocation } from "../../command.ts";
import { askInvitation, invitationNotes, type ToldInvitation } from "../../enrolment/invite-line.ts";
import type { Io } from "../../io/io.ts";

/** What `user add --json` prints. The names of its fields are a contract; see enrolment.test.ts. */
export interface UserAddAnswer extends ToldInvitation {
  readonly schema: "mosaic.user.add/1";
  readonly complete: true;
  readonly tenant_id: string;
  readonly name: string;
  readonly kind: "user" | "agent";
  /** The line for policy.yaml that gives the role. Null: none was asked for. */
  readonly grant: string | null;
}

/** Prints the one line by which a person or automation logs in. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const { args, flags } = invocation;
  const [name = ""] = args;
  const tenantId = flags.text("tenant");
  if (tenantId === undefined)
    throw new MosaicError("USAGE", `say which tenant ${name} belongs to: --tenant`, {
      hint: `mosaic user add ${name} --tenant team-a`,
    });
  const kind = flags.boolean("agent") ? "agent" : "user";
  const told = await askInvitation(
    { kind: kind === "agent" ? "ENROLLED_KIND_AGENT" : "ENROLLED_KIND_USER", tenantId, name },
    invocation,
    io,
    fileStore(),
  );
  const role = flags.text("role");
  const grant = role === undefined ? null : grantLine(role, tenantId, `${kind}/${name}`);
  const answer: UserAddAnswer = { schema: "mosaic.user.add/1", complete: true, tenant_id: tenantId, name, kind, grant, ...told };
  const notes = [
    ...invitationNotes(told, kind === "agent" ? "mosaic login --agent" : "mosaic login", io.clock.nowUnixMs()),
    // Policy is each host's own file, which is reviewed and rolled out as such: no command writes it.
    grant === null
      ? "hint: nobody may do anything without a grant in policy.yaml"
      : `hint: policy.yaml of the hosts it is for needs:  ${grant}`,
  ];
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => `${told.line}\n`, notes };
}

function grantLine(role: string, tenantId: string, who: string): string {
  const tenant = role === "fleet-observer" ? "" : `tenant: ${tenantId}, `;
  return `- { role: ${role}, ${tenant}who: ${role === "fleet-observer" ? `tenant/${tenantId}/` : ""}${who} }`;
}
