import { type Clock, MosaicError } from "@mosaic/core";
import { CAPABILITY_TTL_MS, type Capability, PeerRefused, readCapability, type Trust, whoIs } from "@mosaic/identity";
import { type GuardedCall, isAboutHost, type SignedRequest, signedRequest } from "@mosaic/rpc";
import type { UsedIds } from "./used-ids.ts";

/** Whose node this is. */
export interface GuardedHost {
  readonly tenantId: string;
  readonly host: string;
  readonly hostId: string;
}

export interface RelayedCallDeps {
  readonly own: GuardedHost;
  readonly trust: () => Trust;
  readonly used: UsedIds;
  readonly clock: Pick<Clock, "nowUnixMs">;
  /** When this process began: what was signed earlier may have been used then. */
  readonly startedAtUnixMs: number;
}

const DAY_MS = 24 * 3_600_000;
/** How long the contract lets a message live at most. */
const MAX_MESSAGE_MS = 7 * DAY_MS;
/** Clocks of sender, aggregator and node may differ so much. */
const SLACK_MS = 60_000;

/** Believes a call that somebody relays, if its caller has signed exactly this one, for this host, and it was not done before.
 *  @throws MosaicError NOT_ALLOWED or IDENTITY_REFUSED naming what is wrong with it */
export async function readRelayedCall(deps: RelayedCallDeps, { method, token, request }: GuardedCall): Promise<Capability> {
  const { own, clock, startedAtUnixMs } = deps;
  const signed = request && signedRequest(method, request);
  if (!signed) throw refused(`nobody can sign ${method}: it has to be called on the host itself`);
  if (token === undefined) throw refused("it came without one: its caller has to sign it");
  assertMeansUs(own, method, signed);
  const nowUnixMs = clock.nowUnixMs();
  const isMessage = method === "Send";
  const deed = { method, target: targetOf(own, signed), requestSha256: signed.requestSha256 };
  const maxTtlMs = isMessage ? MAX_MESSAGE_MS : CAPABILITY_TTL_MS;
  const capability = await readCapability(token, deed, deps.trust(), { nowUnixMs, maxTtlMs }).catch((thrown: unknown) => {
    // Who relays it is believed; it is the signer who is not.
    throw thrown instanceof PeerRefused ? refused(`who signed it is not believed: ${thrown.message}`) : thrown;
  });
  // An inbox takes each id once, for as long as its message could be sent, so that a message may come again: its first answer
  // may have been lost.
  if (isMessage) assertMessage(capability, signed, nowUnixMs);
  else if (capability.issuedAtUnixMs + 1000 < startedAtUnixMs) throw refused("it was signed before this node began");
  else if (!deps.used.use(`${whoIs(capability.caller)} ${capability.id}`, capability.expiresAtUnixMs + SLACK_MS, nowUnixMs))
    throw refused("it was used before");
  return capability;
}

function assertMessage({ id, expiresAtUnixMs }: Capability, signed: SignedRequest, nowUnixMs: number): void {
  if (id !== signed.messageId) throw refused("it is for another message");
  const lastsUntilUnixMs = nowUnixMs + (signed.expiresInMs || DAY_MS);
  if (lastsUntilUnixMs > expiresAtUnixMs + SLACK_MS) throw refused("the message would live longer than its sender has signed");
}

function assertMeansUs({ tenantId, host, hostId }: GuardedHost, method: string, { agent }: SignedRequest): void {
  const isHost = agent?.tenantId === tenantId && (agent.host === host || agent.host === hostId);
  if (isHost && isAboutHost(method) === (agent.name === "")) return;
  const whom = isAboutHost(method) ? "this host" : "an agent of this host";
  throw refused(`the call does not name ${whom} by its complete address`);
}

function targetOf({ tenantId, hostId }: GuardedHost, { agent }: SignedRequest): string {
  return `${tenantId}/${hostId}/${agent?.name ?? ""}`;
}

function refused(why: string): MosaicError {
  return new MosaicError("NOT_ALLOWED", `the capability of the call is refused: ${why}`);
}
