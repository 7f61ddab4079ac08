import { type AuditLog, type Clock, type Log, MosaicError, type WatchedFiles } from "@mosaic/core";
import { formatIdentity, openFleetIdentity, openFleetPolicy, surveyJudge } from "@mosaic/identity";
import type { Guard, MetricsReaders, TlsServing } from "@mosaic/rpc";
import { nodeGuard } from "./node-guard.ts";
import type { GuardedHost } from "./relayed-call.ts";

/** What stands between a daemon and the network. */
export interface Walls {
  readonly tls: TlsServing;
  /** Who may read metrics from elsewhere. */
  readonly readers: MetricsReaders;
  /** @throws MosaicError IDENTITY_REFUSED when the identity is that of another host or tenant */
  readonly guardOf: (own: GuardedHost) => Guard;
}

export interface OpenWallsDeps {
  readonly files: WatchedFiles;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  /** Refuses a file whose owner or mode is wrong. */
  readonly assertOwnFile: (path: string, options: { readonly isSecret: boolean }) => Promise<void>;
}

/** Opens a node's identity and policy, and follows their files.
 *  @param fleetFolder for example `$MOSAIC_HOME/fleet`
 *  @returns undefined when the host was not enrolled: then it serves its own tenant only
 *  @throws MosaicError NOT_ALLOWED, IDENTITY_REFUSED, POLICY_INVALID when something is there that can't be used */
export async function openWalls(
  { files, audit, clock, log, assertOwnFile }: OpenWallsDeps,
  fleetFolder: string,
  stack: AsyncDisposableStack,
): Promise<Walls | undefined> {
  const folder = `${fleetFolder}/identity`;
  await assertOwnFile(`${folder}/credentials.pem`, { isSecret: true });
  for (const path of [folder, `${folder}/roots.pem`, `${fleetFolder}/policy.yaml`])
    await assertOwnFile(path, { isSecret: false });
  const identity = await openFleetIdentity({ files, log, clock, folder });
  if (!identity) return undefined;
  stack.use(identity);
  const policy = stack.use(await openFleetPolicy(files, log, `${fleetFolder}/policy.yaml`));
  return {
    tls: { identity },
    readers: { identity, assertMayRead: surveyJudge({ identity, policy, clock }) },
    guardOf(own) {
      const { identity: name } = identity.credentials;
      if (name.kind !== "node" || name.tenantId !== own.tenantId || name.hostId !== own.hostId) {
        const whose = `of tenant "${own.tenantId}" and host id ${own.hostId}`;
        throw new MosaicError(
          "IDENTITY_REFUSED",
          `${folder} holds the identity ${formatIdentity(name)}, and this is the node ${whose}`,
          {
            hint: "enrol this host again: mosaic host join",
          },
        );
      }
      return nodeGuard({ own, identity, policy, audit, clock, log });
    },
  };
}
