import type { X509Certificate } from "node:crypto";
import { type Identity, identityFolder, parseCertificates, parseIdentity } from "@mosaic/identity/light";
import type { DoctorWorld } from "./doctor-world.ts";

/** Where what proves an identity lies. */
export interface IdentityPaths {
  readonly who: "daemon" | "person";
  readonly credentials: string;
  readonly roots: string;
  readonly enrolment: string;
}

/** The identities that a home may have: its daemon's, and its person's. */
export function identityPaths(mosaicHome: string): readonly IdentityPaths[] {
  const at = (who: IdentityPaths["who"], folder: string): IdentityPaths => ({
    who,
    credentials: `${folder}/credentials.pem`,
    roots: `${folder}/roots.pem`,
    enrolment: `${folder}/enrolment.json`,
  });
  return [at("daemon", identityFolder(mosaicHome, "node")), at("person", identityFolder(mosaicHome, "user"))];
}

/** An identity as it was found on the disk. */
export interface FoundIdentity extends IdentityPaths {
  /** Its own certificate first. At least one. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
}

/** Reads the certificates of this home.
 *  @throws MosaicError IDENTITY_REFUSED for one that can't be read, MACHINE */
export async function readIdentities({ files, paths }: DoctorWorld): Promise<readonly FoundIdentity[]> {
  const found: FoundIdentity[] = [];
  for (const each of identityPaths(paths.mosaicHome)) {
    const text = await files.read(each.credentials);
    if (text === undefined) continue;
    const [leaf, ...others] = parseCertificates(text, each.credentials);
    if (leaf) found.push({ ...each, chain: [leaf, ...others] });
  }
  return found;
}

/** Whom a certificate names; undefined: nobody in a fleet. */
export function namedBy({ chain: [leaf] }: FoundIdentity): Identity | undefined {
  return parseIdentity(leaf.subjectAltName?.replace(/^URI:/, "") ?? "");
}

/** What to type about an identity: to get another one, to have it renewed now, and to see why it is not. */
export function remediesOf(identity: FoundIdentity): { readonly again: string; readonly renew: string; readonly look: string } {
  const again = identity.who === "person" ? "mosaic login <line>" : "mosaic host join <line>";
  if (identity.who === "person") return { again, renew: again, look: again };
  // It renews its own by the authority that lies beside it.
  const isAggregator = namedBy(identity)?.kind === "aggregator";
  if (isAggregator) return { again: AUTHORITY, renew: "mosaic gateway restart --role aggregator", look: AUTHORITY };
  return { again, renew: "mosaic gateway restart --role node", look: "journalctl --user -u mosaic-node -n 50" };
}

const AUTHORITY = "mosaic fleet ca status";
