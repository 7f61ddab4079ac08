import { type KeyObject, sign, verify, type X509Certificate } from "node:crypto";
import type { Credentials } from "./credentials.ts";
import { pinOf } from "./enrolment/pin.ts";
import { identityOf, type Trust } from "./peer.ts";
import { formatIdentity, type Identity } from "./spiffe-id.ts";

/** Where an audit log stood when it was signed. */
export interface CheckpointClaim {
  /** Of the checkpoint's own record. */
  readonly index: number;
  /** Hash of the record before it. */
  readonly prev: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface CheckpointJudge {
  /** The certificates of the key, the leaf first, as they are kept beside the log. */
  readonly chain: readonly X509Certificate[];
  readonly trust: Trust;
  /** The daemons that keep the log; none: any node or aggregator of the fleet. */
  readonly keepers: readonly Identity[];
}

/** Makes credentials what signs the checkpoints of an audit log; undefined: there are none, or not whole ones. */
export function checkpointSigner(credentials: Pick<Credentials, "key" | "chain"> | undefined) {
  const leaf = credentials?.chain[0];
  if (!credentials || !leaf) return undefined;
  const { key, chain } = credentials;
  return {
    keyId: pinOf(leaf),
    certificatesPem: chain.map(String).join(""),
    sign: (claim: CheckpointClaim) => signCheckpoint(claim, key),
  };
}

/** Signs a place in an audit log with the key of the daemon that keeps it. @returns base64url */
export function signCheckpoint(claim: CheckpointClaim, key: KeyObject): string {
  return sign("sha256", bytesOf(claim), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
}

/** Judges the signature of a checkpoint. The certificate need not hold any more: it has to have named the daemon when it was made.
 *  @returns what is wrong; undefined: nothing */
export function checkpointProblem(
  claim: CheckpointClaim,
  { keyId, signature }: { readonly keyId: string; readonly signature: string },
  { chain, trust, keepers }: CheckpointJudge,
): string | undefined {
  const [leaf] = chain;
  if (!leaf) return `no certificate of the key ${keyId.slice(0, 16)} is kept`;
  if (pinOf(leaf) !== keyId) return "the certificate is of another key";
  const identity = identityWhenMade(chain, trust);
  if (typeof identity === "string") return identity;
  if (identity.kind !== "node" && identity.kind !== "aggregator") return `${formatIdentity(identity)} keeps no audit log`;
  const isKeeper = keepers.some((keeper) => formatIdentity(keeper) === formatIdentity(identity));
  if (keepers.length > 0 && !isKeeper) return `it is signed by ${formatIdentity(identity)}`;
  if (Date.parse(claim.at) < Date.parse(leaf.validFrom) - SKEW_MS) return "it is older than the certificate of its key";
  const key = { key: leaf.publicKey, dsaEncoding: "ieee-p1363" } as const;
  return verify("sha256", bytesOf(claim), key, Buffer.from(signature, "base64url")) ? undefined : "its signature does not hold";
}

const SKEW_MS = 60_000;

function identityWhenMade(chain: readonly X509Certificate[], trust: Trust): Identity | string {
  const madeAtMs = Math.max(...chain.map(({ validFrom }) => Date.parse(validFrom)));
  try {
    return identityOf(chain, trust, madeAtMs);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

// The first word keeps what is signed here apart from anything else that the key ever signs.
function bytesOf({ index, prev, at }: CheckpointClaim): Buffer {
  return Buffer.from(`mosaic-audit-checkpoint/1\n${index}\n${prev}\n${at}\n`);
}
