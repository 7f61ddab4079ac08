import type { KeyObject } from "node:crypto";
import { MosaicError } from "@mosaic/core";
import { ALGORITHM } from "../algorithm.ts";
import { toCryptoKeys } from "../key-pair.ts";
import { loadX509 } from "../load-x509.ts";
import type * as X509 from "../x509.ts";

/** Proves that somebody has a key: a certificate request (PKCS#10, DER) without a name, since who it is for is not the asker's to say. */
export async function createCsr(key: KeyObject): Promise<Uint8Array> {
  const keys = await toCryptoKeys(key);
  const { Pkcs10CertificateRequestGenerator } = await loadX509();
  const request = await Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: ALGORITHM });
  return new Uint8Array(request.rawData);
}

/** Reads the public key of a certificate request that was signed with it.
 *  @returns DER of the key (SubjectPublicKeyInfo)
 *  @throws MosaicError IDENTITY_REFUSED for a request that is none, is of another kind of key, or was signed by another key */
export async function publicKeyOfCsr(der: Uint8Array): Promise<Uint8Array> {
  const refused = (because: string) => new MosaicError("IDENTITY_REFUSED", `the certificate request ${because}`);
  const { Pkcs10CertificateRequest } = await loadX509();
  let request: X509.Pkcs10CertificateRequest;
  try {
    request = new Pkcs10CertificateRequest(new Uint8Array(der));
  } catch (thrown) {
    throw new MosaicError("IDENTITY_REFUSED", "the certificate request can't be read", { cause: thrown });
  }
  const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string };
  if (name !== ALGORITHM.name || namedCurve !== ALGORITHM.namedCurve) throw refused("is of another kind than ECDSA P-256");
  // A signature that is no signature makes the library throw.
  const isProved = await request.verify().catch(() => false);
  if (!isProved) throw refused("was not signed with its own key");
  return new Uint8Array(request.publicKey.rawData);
}
