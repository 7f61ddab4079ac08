import { createHash, type X509Certificate } from "node:crypto";

/** SHA-256 of a public key (DER, SubjectPublicKeyInfo), in hex: what keys are known, pinned and locked by. */
export function keySha256(publicKey: Uint8Array): string {
  return createHash("sha256").update(publicKey).digest("hex");
}

/** The pin of a certificate: {@link keySha256} of its public key. */
export function pinOf({ publicKey }: X509Certificate): string {
  return keySha256(publicKey.export({ type: "spki", format: "der" }));
}
