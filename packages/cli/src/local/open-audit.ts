import type { AuditEntry, AuditLog } from "@mosaic/core";
import { fileAuditLog, loginName } from "@mosaic/host";
import { fleetPaths } from "@mosaic/lifecycle";
import type { Io } from "../io/io.ts";
import type { DirectSite } from "./direct-host.ts";
import { rosterIfGood } from "./read-roster.ts";

/** This host's audit log, with who writes into it now. */
export interface OpenAudit {
  readonly audit: AuditLog;
  readonly who: Pick<AuditEntry, "actor" | "tenantId" | "host">;
}

/** Opens the audit log of this host for a person at its command line. Needs no roster: then tenant and host are those of the
 *  login and of the machine.
 *  @throws MosaicError MACHINE when the roster can't be read */
export async function openAudit({ mosaicHome, rosterPath }: DirectSite, io: Io): Promise<OpenAudit> {
  const roster = await rosterIfGood(rosterPath, io);
  return {
    audit: fileAuditLog({ path: fleetPaths(mosaicHome).auditPath, clock: io.clock }),
    who: { actor: `${io.hostName()}:operator`, tenantId: roster?.tenantId ?? loginName(), host: roster?.host ?? io.hostName() },
  };
}
