import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { MosaicError } from "@mosaic/core";
import { keyFromPem, keyToPem } from "./key-pair.ts";
import { identityOf, type Trust } from "./peer.ts";
import type { Identity } from "./spiffe-id.ts";

/** Who somebody is and what proves it. */
export interface Credentials {
  readonly identity: Identity;
  readonly key: KeyObject;
  /** Its certificate first, then what leads to a root. */
  readonly chain: readonly X509Certificate[];
}

/** Writes key and certificates as one text: a file of them is replaced as a whole, so that no key ever stands beside a
 *  certificate of another. It holds a secret: mode 0600. */
export function formatCredentials({ key, chain }: Pick<Credentials, "key" | "chain">): string {
  return [keyToPem(key), ...chain.map(String)].map((pem) => `${pem.trimEnd()}\n`).join("");
}

/** Reads what {@link formatCredentials} wrote, and that it is in order: the key belongs to the certificate, which the fleet believes.
 *  @throws MosaicError IDENTITY_REFUSED; nothing of the key is in its message */
export function parseCredentials(text: string, trust: Trust, nowUnixMs: number, what: string): Credentials {
  const [keyPem] = /-----BEGIN PRIVATE KEY-----[^-]{1,2000}-----END PRIVATE KEY-----/.exec(text) ?? [];
  if (keyPem === undefined) throw new MosaicError("IDENTITY_REFUSED", `${what} holds no private key`);
  const key = keyFromPem(keyPem, what);
  const chain = parseCertificates(text, what);
  const identity = identityOf(chain, trust, nowUnixMs);
  const isOwn = chain[0]?.publicKey.equals(createPublicKey(key)) ?? false;
  if (!isOwn) throw new MosaicError("IDENTITY_REFUSED", `the key in ${what} is not the one that its certificate names`);
  return { identity, key, chain };
}

/** Reads every certificate of a PEM text, in order.
 *  @throws MosaicError IDENTITY_REFUSED for one that can't be read */
export function parseCertificates(text: string, what: string): X509Certificate[] {
  const pems = text.match(/-----BEGIN CERTIFICATE-----[^-]{1,20000}-----END CERTIFICATE-----/g) ?? [];
  return pems.map((pem, index) => {
    try {
      return new X509Certificate(pem);
    } catch (thrown) {
      throw new MosaicError("IDENTITY_REFUSED", `certificate ${index + 1} in ${what} can't be read`, { cause: thrown });
    }
  });
}

/** Reads the roots that a fleet trusts.
 *  @throws MosaicError IDENTITY_REFUSED for a text without one, and for a certificate of no authority */
export function parseRoots(text: string, what: string): X509Certificate[] {
  const roots = parseCertificates(text, what);
  if (roots.length === 0) throw new MosaicError("IDENTITY_REFUSED", `${what} holds no certificate`);
  if (!roots.every(({ ca }) => ca))
    throw new MosaicError("IDENTITY_REFUSED", `${what} holds a certificate that is no authority's`);
  return roots;
}

/** Reads one's own credentials also when they are over, so that they can be renewed: their key, and their chain as of its last moment.
 *  @throws MosaicError IDENTITY_REFUSED as {@link parseCredentials}, for anything but an end that has passed */
export function readOwnCredentials(text: string, trust: Trust, nowUnixMs: number, what: string): Credentials {
  const [leaf] = parseCertificates(text, what);
  const endedAtMs = leaf ? Date.parse(leaf.validTo) : nowUnixMs;
  return parseCredentials(text, trust, Math.min(nowUnixMs, endedAtMs - 1000), what);
}
