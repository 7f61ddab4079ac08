import { type Clock, type Log, MosaicError, type WatchedFiles } from "@mosaic/core";
import type { Member } from "@mosaic/core/membership";
import {
  CertifiedCallers,
  formatIdentity,
  type LockView,
  openFleetIdentity,
  openFleetPolicy,
  type Policy,
  surveyJudge,
  untilRefused,
} from "@mosaic/identity";
import type { DoorJudge, Expectation, Guard, MetricsReaders, TlsClientOptions, TlsServing } from "@mosaic/rpc";
import { aggregatorGuard } from "./aggregator-guard.ts";

/** What stands between an aggregator and the network. */
export interface Walls {
  readonly tls: TlsServing;
  /** Who may read metrics from elsewhere. */
  readonly readers: MetricsReaders;
  readonly guard: Guard;
  readonly policy: () => Policy;
  /** Who is locked out now; calls back when that changes. */
  readonly locks: { readonly now: () => LockView; onChange(listener: () => void): Disposable };
  /** Judges hosts that dial in. */
  readonly door: DoorJudge;
  /** With what a member is called, and who has to answer. */
  readonly clientOf: (member: Pick<Member, "role" | "tenantId" | "hostId">) => TlsClientOptions;
}

export interface OpenWallsDeps {
  readonly files: WatchedFiles;
  readonly clock: Clock;
  readonly log: Log;
  /** Refuses a file whose owner or mode is wrong. */
  readonly assertOwnFile: (path: string, options: { readonly isSecret: boolean }) => Promise<void>;
}

/** Opens an aggregator's identity and policy, and follows their files.
 *  @param fleetFolder for example `$MOSAIC_HOME/fleet`
 *  @returns undefined when it has no identity: then it serves this host only
 *  @throws MosaicError NOT_ALLOWED, IDENTITY_REFUSED, POLICY_INVALID when something is there that can't be used */
export async function openWalls(
  { files, clock, log, assertOwnFile }: OpenWallsDeps,
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
  const { identity: name } = identity.credentials;
  if (name.kind !== "aggregator") {
    throw new MosaicError("IDENTITY_REFUSED", `${folder} holds the identity ${formatIdentity(name)}, which is no aggregator's`, {
      hint: "an aggregator has a home of its own: --mosaic-home DIR",
    });
  }
  const policy = stack.use(await openFleetPolicy(files, log, `${fleetFolder}/policy.yaml`));
  const hosts = new CertifiedCallers({ identity, locks: () => identity.locks, clock });
  return {
    tls: { identity },
    readers: { identity, assertMayRead: surveyJudge({ identity, policy, clock }) },
    guard: aggregatorGuard({ identity, policy, clock }),
    policy: () => policy.policy,
    locks: { now: () => identity.locks, onChange: (listener) => identity.onChange(listener) },
    door: {
      of: (chain) => hosts.of(chain),
      over: (chain, stop) =>
        untilRefused(
          () => hosts.of(chain),
          (listener) => identity.onChange(listener),
          clock,
          stop,
        ),
    },
    clientOf: (member) => ({ identity, expect: expectationOf(member), locks: () => identity.locks }),
  };
}

function expectationOf({ role, tenantId, hostId }: Pick<Member, "role" | "tenantId" | "hostId">): Expectation {
  return role === "aggregator" ? { kind: "aggregator" } : { kind: "node", tenantId, hostId };
}
