import type { X509Certificate } from "node:crypto";
import { type FileStore, MosaicError } from "@mosaic/core";
import {
  type Authority,
  type CaState,
  identityOf,
  parseAuthority,
  parseCaState,
  parseRoots,
  pinOf,
  type Trust,
} from "@mosaic/identity";

/** The fleet's authority as it is on disk now. */
export interface AuthorityView {
  readonly state: CaState;
  /** Signs leaves. */
  readonly intermediate: Authority;
  /** Pin of the root that the intermediate leads to. */
  readonly signsUnder: string;
  readonly trust: Trust;
  /** PEM of the roots. */
  readonly rootsPem: string;
}

/** Reads the authority. It is read anew for each use, since `mosaic fleet ca rotate` replaces its files under a running aggregator.
 *  @param folder `$MOSAIC_HOME/fleet`
 *  @throws MosaicError NOT_HERE when this host has none */
export async function readAuthority(files: FileStore, folder: string): Promise<AuthorityView> {
  const stateText = await files.read(`${folder}/ca/state.json`);
  const authorityText = await files.read(`${folder}/ca/intermediate.pem`);
  const rootsPem = await files.read(`${folder}/identity/roots.pem`);
  if (stateText === undefined || authorityText === undefined || rootsPem === undefined)
    throw new MosaicError("NOT_HERE", "this aggregator has no authority of a fleet", {
      hint: "make one on its host: mosaic fleet ca init --fleet <name>",
    });
  const state = parseCaState(stateText, `${folder}/ca/state.json`);
  const roots = parseRoots(rootsPem, `${folder}/identity/roots.pem`);
  const intermediate = parseAuthority(authorityText, `${folder}/ca/intermediate.pem`);
  const trust = { fleet: state.fleet, roots };
  return { state, intermediate, signsUnder: rootOf(intermediate.certificate, roots), trust, rootsPem };
}

/** Pin of the root that has signed a certificate of an authority. */
function rootOf(certificate: X509Certificate, roots: readonly X509Certificate[]): string {
  const root = roots.find((each) => certificate.checkIssued(each) && certificate.verify(each.publicKey));
  if (root) return pinOf(root);
  throw new MosaicError("IDENTITY_REFUSED", "the intermediate in ca/intermediate.pem was signed by none of the fleet's roots", {
    hint: "look with: mosaic fleet ca status",
  });
}

/** Pin of the root that a believed chain leads to. */
export function rootPinOf(chain: readonly X509Certificate[], { fleet, roots }: Trust, atUnixMs: number): string {
  for (const root of roots) {
    try {
      identityOf(chain, { fleet, roots: [root] }, atUnixMs);
      return pinOf(root);
    } catch {
      // It leads to another one.
    }
  }
  return "";
}
