import { createPublicKey } from "node:crypto";
import { MosaicError } from "@mosaic/core";
import { formatCredentials, parseCertificates } from "../credentials.ts";
import type { Authority } from "../fleet-ca.ts";
import { keyFromPem } from "../key-pair.ts";

/** Writes an authority as one text, key first. It holds a secret: mode 0600. */
export function formatAuthority({ key, certificate }: Authority): string {
  return formatCredentials({ key, chain: [certificate] });
}

/** Reads what {@link formatAuthority} wrote, and that key and certificate belong together.
 *  @throws MosaicError IDENTITY_REFUSED; nothing of the key is in its message */
export function parseAuthority(text: string, what: string): Authority {
  const [keyPem] = /-----BEGIN PRIVATE KEY-----[^-]{1,2000}-----END PRIVATE KEY-----/.exec(text) ?? [];
  if (keyPem === undefined) throw new MosaicError("IDENTITY_REFUSED", `${what} holds no private key`);
  const key = keyFromPem(keyPem, what);
  const [certificate] = parseCertificates(text, what);
  if (!certificate?.ca) throw new MosaicError("IDENTITY_REFUSED", `${what} holds no certificate of an authority`);
  if (!certificate.publicKey.equals(createPublicKey(key)))
    throw new MosaicError("IDENTITY_REFUSED", `the key in ${what} is not the one that its certificate names`);
  return { key, certificate };
}
