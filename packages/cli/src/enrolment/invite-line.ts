import { type FileStore, MosaicError } from "@mosaic/core";
import { MAX_INVITATION_TTL_MS } from "@mosaic/identity";
import type { InviteRequestJson, InviteResponseJson } from "@mosaic/wire";
import type { Invocation } from "../command.ts";
import type { Io } from "../io/io.ts";
import { askAuthority } from "./ask-enrolment.ts";

/** What is told of an invitation. The line is a secret, and is told once. */
export interface ToldInvitation {
  readonly invitation_id: string;
  readonly line: string;
  readonly expires_at_unix_ms: number;
  readonly needs_approval: boolean;
}

/** Asks the authority for an invitation, with the flags that every kind of it has.
 *  @throws MosaicError USAGE for a --ttl that is too long */
export async function askInvitation(
  whom: Pick<InviteRequestJson, "kind" | "tenantId" | "name">,
  invocation: Invocation,
  io: Io,
  files: FileStore,
): Promise<ToldInvitation> {
  const { flags } = invocation;
  const ttlMs = flags.durationMs("ttl") ?? 0;
  if (ttlMs > MAX_INVITATION_TTL_MS)
    throw new MosaicError("USAGE", "an invitation holds a week at most", { hint: "for example --ttl 2d" });
  const needsApproval = flags.boolean("approve");
  const request: InviteRequestJson = {
    ...whom,
    ...{ ttlMs: String(ttlMs), needsApproval, addresses: [...flags.texts("address")] },
    sourceLabel: flags.text("source-label") ?? `${io.hostName()}:operator`,
  };
  const reply = await askAuthority<InviteResponseJson>("Invite", request, invocation, io, files);
  return {
    ...{ invitation_id: reply.invitationId ?? "", line: reply.line ?? "", needs_approval: needsApproval },
    expires_at_unix_ms: Number(reply.expiresAtUnixMs ?? 0),
  };
}

/** What is said besides the line, on stderr, so that the line can be piped. */
export function invitationNotes(
  { expires_at_unix_ms: end, needs_approval: needsApproval }: ToldInvitation,
  command: string,
  nowUnixMs: number,
): string[] {
  const minutes = Math.max(1, Math.round((end - nowUnixMs) / 60_000));
  return [
    `hint: paste it there, within ${minutes} min: ${command} <line>; it works once, and whoever reads it could come first`,
    ...(needsApproval ? ["hint: six words will be shown there; compare them and type: mosaic host approve <words>"] : []),
  ];
}
