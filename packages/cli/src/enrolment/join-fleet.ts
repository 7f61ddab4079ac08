import type { KeyObject } from "node:crypto";
import { type Clock, type FileStore, MosaicError, silentLog } from "@mosaic/core";
import {
  createCsr,
  fixedIdentity,
  formatCredentials,
  formatEnrolmentFile,
  type Identity,
  type IdentityRole,
  identityFolder,
  identityOf,
  type JoinLine,
  keyFromPem,
  keyToPem,
  newKey,
  parseCertificates,
  parseRoots,
  pinOf,
  readSignedNews,
  renewNow,
  type Trust,
} from "@mosaic/identity";
import { askRoots, callEnrolment, type EnrolmentEndpoint, renewalService } from "@mosaic/rpc";
import type { EnrolRequestJson, EnrolResponseJson } from "@mosaic/wire";
import { readOwnEnrolment, toEnrolmentEndpoint } from "./ask-enrolment.ts";

/** What joining needs of the world. */
export interface JoinWorld {
  readonly clock: Clock;
  readonly files: FileStore;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Says something to the person while they wait. */
  readonly say: (text: string) => void;
}

/** Who joins. */
export interface Joiner {
  readonly mosaicHome: string;
  readonly role: IdentityRole;
  /** Empty for people. */
  readonly hostId: string;
  readonly host: string;
  /** Where the fleet reaches the host. */
  readonly addresses: readonly string[];
  readonly listen: readonly string[];
  /** Empty: the host can be reached. */
  readonly dialOut: string;
}

export interface Joined {
  readonly identity: Identity;
  readonly isExpected: boolean;
  readonly endsAtUnixMs: number;
  /** False: it was let in before, by the same line or key. */
  readonly changed: boolean;
}

type TlsEndpoint = EnrolmentEndpoint & { readonly kind: "tls" };

/** Somebody who answers at one of a line's addresses and has proved to be the fleet's aggregator. */
export interface FoundFleet {
  readonly endpoint: TlsEndpoint;
  readonly trust: Trust;
}

/** How far the clocks of this host and of the aggregator may be apart, in ms: a certificate is backdated by five minutes. */
const MAX_SKEW_MS = 4 * 60_000;

/** Finds the fleet of a line. Whoever answers is believed only for roots that the line pins, and by a certificate under them.
 *  @throws MosaicError IDENTITY_REFUSED when who answers is somebody else, NOT_SERVED when nobody answers */
export async function findFleet(line: JoinLine, { clock, signal, timeoutMs }: JoinWorld): Promise<FoundFleet> {
  const refusals: MosaicError[] = [];
  for (const address of line.addresses) {
    try {
      const endpoint = toEnrolmentEndpoint(address);
      if (endpoint.kind !== "tls") throw new MosaicError("USAGE", `nobody joins at ${address}`);
      const told = await askRoots(endpoint, { timeoutMs, signal });
      const trust = pinned(line, told.roots, address);
      assertClock(told.nowUnixMs, clock.nowUnixMs());
      told.judge(trust, clock.nowUnixMs());
      return { endpoint, trust };
    } catch (thrown) {
      const error = MosaicError.from(thrown);
      // Another address may lead to the fleet; who is not who they say is told at once.
      if (error.code !== "NOT_SERVED" && error.code !== "DEADLINE") throw error;
      refusals.push(error);
    }
  }
  throw refusals.at(-1) ?? new MosaicError("USAGE", "the line names no address");
}

function pinned({ fleet, rootPins }: JoinLine, rootsPem: string, address: string): Trust {
  const roots = parseRoots(rootsPem, `what ${address} says of itself`).filter((root) => rootPins.includes(pinOf(root)));
  if (roots.length > 0) return { fleet, roots };
  throw new MosaicError("IDENTITY_REFUSED", `who answers at ${address} is not the fleet of this line: its root has another key`, {
    hint: "somebody stands in between, or the line is of another fleet; nothing of it was sent",
  });
}

function assertClock(theirsUnixMs: number, oursUnixMs: number): void {
  const skewMs = oursUnixMs - theirsUnixMs;
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return;
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  throw new MosaicError(
    "IDENTITY_REFUSED",
    `the clock of this host is ${minutes} min ${skewMs > 0 ? "ahead of" : "behind"} the aggregator's`,
    {
      hint: "set it (timedatectl set-ntp true), and paste the line again",
    },
  );
}

/** Lets this host or person in: makes a key here, or takes the one that is there, redeems the line and keeps what comes back. The key
 *  never leaves. To run it again, with the same line or another, goes on where it was.
 *  @throws MosaicError WOULD_OVERWRITE for a home that belongs to another fleet */
export async function joinFleet(line: JoinLine, joiner: Joiner, world: JoinWorld): Promise<Joined> {
  const { files, clock } = world;
  const folder = identityFolder(joiner.mosaicHome, joiner.role);
  const found = await findFleet(line, world);
  const key = await ownKey(files, folder, line.fleet);
  const before = await memberAlready(joiner, found, world);
  if (before) return before;
  const csr = await createCsr(key);
  const { invitationId, secret } = line;
  const { hostId, host, addresses } = joiner;
  const request = { invitationId, secret, csr: Buffer.from(csr).toString("base64"), hostId, host, addresses: [...addresses] };
  const reply = await redeem(request, found, world);
  const { roots = "", locks = "", policy = "" } = reply;
  readSignedNews(locks, { roots, policy }, csr, found.trust, clock.nowUnixMs());
  const chain = parseCertificates(reply.chain ?? "", "the aggregator's reply");
  const identity = identityOf(chain, found.trust, clock.nowUnixMs());
  if (identity.kind !== joiner.role && !(identity.kind === "agent" && joiner.role === "user"))
    throw new MosaicError("USAGE", `the line is for a ${identity.kind}, and not for a ${joiner.role}`, {
      hint: "hosts: mosaic host join; people: mosaic login",
    });
  const policyPath = `${joiner.mosaicHome}/fleet/policy.yaml`;
  const hasPolicy = (await files.read(policyPath)) !== undefined;
  // Only a first one: policy is each host's own file, and no answer from elsewhere changes it.
  if (joiner.role === "node" && !hasPolicy && policy !== "") await files.write(policyPath, policy, 0o644);
  // The certificate last: with it everything else is there.
  await files.write(`${folder}/roots.pem`, roots, 0o644);
  await files.write(`${folder}/locks.json`, locks, 0o600);
  const file = { fleet: line.fleet, addresses: line.addresses, listen: joiner.listen, dialOut: joiner.dialOut };
  await files.write(`${folder}/enrolment.json`, formatEnrolmentFile(file), 0o600);
  await files.write(`${folder}/credentials.pem`, formatCredentials({ key, chain }), 0o600);
  await files.remove(`${folder}/joining.key`);
  return { identity, isExpected: reply.isExpected ?? false, endsAtUnixMs: Date.parse(chain[0]?.validTo ?? ""), changed: true };
}

// The line is left as it is: it would be refused, or let in nobody new.
async function memberAlready({ mosaicHome, role }: Joiner, found: FoundFleet, world: JoinWorld): Promise<Joined | undefined> {
  const own = await readOwnEnrolment(world.files, mosaicHome, role, world.clock.nowUnixMs());
  const { credentials } = own?.identity ?? {};
  if (!credentials) return undefined;
  try {
    const endsAtUnixMs = Date.parse(credentials.chain[0]?.validTo ?? "");
    await renewCredentials(identityFolder(mosaicHome, role), { ...world, endpoint: found.endpoint });
    return { identity: credentials.identity, isExpected: true, endsAtUnixMs, changed: false };
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    // It was evicted, or slept for too long: that is what the line is for.
    if (error.code === "NOT_ALLOWED" || error.code === "IDENTITY_REFUSED") return undefined;
    throw error;
  }
}

/** Renews what is in an identity's folder now, with the roots and the locks.
 *  @throws MosaicError NOT_ALLOWED for who was locked out, IDENTITY_REFUSED for who is no member */
export async function renewCredentials(
  folder: string,
  { endpoint, files, clock, signal, timeoutMs }: Omit<JoinWorld, "say"> & { readonly endpoint: EnrolmentEndpoint },
): Promise<void> {
  await renewNow(
    { clock, random: () => 0, files, log: silentLog, folder, service: renewalService([endpoint], timeoutMs) },
    signal,
  );
}

const ASK_AGAIN_MS = 2000;

async function redeem(request: EnrolRequestJson, { endpoint, trust }: FoundFleet, world: JoinWorld): Promise<EnrolResponseJson> {
  let isTold = false;
  for (;;) {
    const options = { timeoutMs: world.timeoutMs, signal: world.signal, identity: fixedIdentity(trust) };
    const reply = await callEnrolment<EnrolResponseJson>(endpoint, "Enrol", request, options);
    if (!reply.waiting) return reply;
    if (!isTold)
      world.say(
        `Waiting for approval. Read these words to an administrator, who types them: mosaic host approve ${reply.fingerprint ?? ""}`,
      );
    isTold = true;
    await world.clock.sleep(ASK_AGAIN_MS, world.signal);
    if (world.signal.aborted) throw MosaicError.from(world.signal.reason);
  }
}

// The same key for each try, so that a lost reply is no lock-out; and for a host that was evicted, so that it stays itself.
async function ownKey(files: FileStore, folder: string, fleet: string): Promise<KeyObject> {
  const credentials = await files.read(`${folder}/credentials.pem`);
  const file = await files.read(`${folder}/enrolment.json`);
  const isOther = file !== undefined && !file.includes(JSON.stringify(fleet));
  if (isOther || (credentials !== undefined && file === undefined))
    throw new MosaicError("WOULD_OVERWRITE", `${folder} holds who this home is in another fleet`, {
      hint: `to leave that fleet: mv ${folder} ${folder}.old`,
    });
  const [pem] = /-----BEGIN PRIVATE KEY-----[^-]{1,2000}-----END PRIVATE KEY-----/.exec(credentials ?? "") ?? [];
  const kept = pem ?? (await files.read(`${folder}/joining.key`));
  if (kept !== undefined) return keyFromPem(kept, folder);
  const key = newKey();
  await files.write(`${folder}/joining.key`, keyToPem(key), 0o600);
  return key;
}
