import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, type webcrypto } from "node:crypto";
import { MosaicError } from "@mosaic/core";
import { ALGORITHM } from "./algorithm.ts";

/** Makes a private key, ECDSA P-256. */
export function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: ALGORITHM.namedCurve }).privateKey;
}

/** Writes a private key as PKCS#8 PEM. It is a secret: keep it in a file of mode 0600. */
export function keyToPem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

/** Reads a private key of the fleet's algorithm.
 *  @throws MosaicError IDENTITY_REFUSED; nothing of the key is in its message */
export function keyFromPem(pem: string, what: string): KeyObject {
  const key = readKey(pem);
  if (key?.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key;
  throw new MosaicError("IDENTITY_REFUSED", `${what} holds no private key of the kind ECDSA P-256`);
}

/** The same key pair for Web Crypto, which is what certificates are signed with. */
export async function toCryptoKeys(key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = globalThis.crypto;
  const [pkcs8, spki] = [
    key.export({ type: "pkcs8", format: "der" }),
    createPublicKey(key).export({ type: "spki", format: "der" }),
  ];
  return {
    privateKey: await subtle.importKey("pkcs8", pkcs8, ALGORITHM, true, ["sign"]),
    publicKey: await subtle.importKey("spki", spki, ALGORITHM, true, ["verify"]),
  };
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    // What it is instead is of no use, and its words might quote it.
    return undefined;
  }
}
