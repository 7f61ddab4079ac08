import { createPublicKey, type KeyObject, randomBytes, type webcrypto, X509Certificate } from "node:crypto";
import { MosaicError } from "@mosaic/core";
import { ALGORITHM, BACKDATED_MS } from "./algorithm.ts";
import { newKey, toCryptoKeys } from "./key-pair.ts";
import { loadX509 } from "./load-x509.ts";
import { formatIdentity, type Identity } from "./spiffe-id.ts";
import type * as X509 from "./x509.ts";

/** A certificate authority: its certificate and the key that signs. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** What a fleet's own certificate authority is made of. */
export interface FleetCa {
  /** Kept off every machine that serves: it signs nothing but intermediates. */
  readonly root: Authority;
  /** Signs leaves; on the aggregator. */
  readonly intermediate: Authority;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ROOT_DAYS = 3650;
const INTERMEDIATE_DAYS = 90;
/** How long a leaf holds, in ms. */
export const LEAF_TTL_MS = 24 * HOUR_MS;

/** Makes a fleet's authority: a root and its first intermediate.
 *  @param fleet the trust domain, for example `acme` */
export async function createFleetCa(fleet: string, nowUnixMs: number): Promise<FleetCa> {
  const x509 = await loadX509();
  const key = newKey();
  const keys = await toCryptoKeys(key);
  const name = `CN=${fleet} fleet root`;
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: newSerial(), name, keys, signingAlgorithm: ALGORITHM },
    ...validity(nowUnixMs, ROOT_DAYS * DAY_MS),
    extensions: [...authorityExtensions(x509, fleet, 1), await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)],
  });
  const authority = { key, certificate: toNode(root) };
  return { root: authority, intermediate: await issueIntermediate(authority, fleet, nowUnixMs) };
}

/** Makes an intermediate with a key of its own, which the root signs. */
export async function issueIntermediate(root: Authority, fleet: string, nowUnixMs: number): Promise<Authority> {
  const key = newKey();
  const { publicKey } = await toCryptoKeys(key);
  const extensions = authorityExtensions(await loadX509(), fleet, 0);
  const subject = `CN=${fleet} fleet intermediate`;
  return { key, certificate: await sign(root, { subject, publicKey, extensions, nowUnixMs, ttlMs: INTERMEDIATE_DAYS * DAY_MS }) };
}

export interface LeafRequest {
  /** DER of the public key (SubjectPublicKeyInfo). */
  readonly publicKey: Uint8Array;
  readonly identity: Identity;
  readonly nowUnixMs: number;
  /** Default 24 h; never longer than the issuer holds. */
  readonly ttlMs?: number | undefined;
}

/** Signs a leaf for an identity: exactly one URI SAN, no authority, for both ends of a connection.
 *  @throws MosaicError IDENTITY_REFUSED for a key of another kind */
export async function issueLeaf(issuer: Authority, request: LeafRequest): Promise<X509Certificate> {
  const uri = formatIdentity(request.identity);
  const publicKey = await globalThis.crypto.subtle
    .importKey("spki", toBytes(request.publicKey), ALGORITHM, true, ["verify"])
    .catch(() => {
      throw new MosaicError("IDENTITY_REFUSED", "the key is not of the kind ECDSA P-256");
    });
  const x509 = await loadX509();
  const extensions = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
    // Critical, because the subject is empty.
    new x509.SubjectAlternativeNameExtension([{ type: "url", value: uri }], true),
  ];
  const { nowUnixMs, ttlMs = LEAF_TTL_MS } = request;
  return await sign(issuer, { subject: "", publicKey, extensions, nowUnixMs, ttlMs });
}

/** DER of the public key that belongs to a private key. */
export function publicKeyOf(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}

interface ToSign {
  readonly subject: string;
  readonly publicKey: webcrypto.CryptoKey;
  readonly extensions: X509.Extension[];
  readonly nowUnixMs: number;
  readonly ttlMs: number;
}

async function sign(issuer: Authority, { subject, publicKey, extensions, nowUnixMs, ttlMs }: ToSign): Promise<X509Certificate> {
  const x509 = await loadX509();
  const issuerCertificate = new x509.X509Certificate(toBytes(issuer.certificate.raw));
  const { privateKey } = await toCryptoKeys(issuer.key);
  const endsAtMs = Math.min(nowUnixMs + ttlMs, issuerCertificate.notAfter.getTime());
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: newSerial(), subject, issuer: issuerCertificate.subject, publicKey, signingKey: privateKey },
    ...{ signingAlgorithm: ALGORITHM, ...validity(nowUnixMs, endsAtMs - nowUnixMs) },
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuerCertificate),
    ],
  });
  return toNode(certificate);
}

function authorityExtensions(x509: typeof X509, fleet: string, pathLength: number): X509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    new x509.SubjectAlternativeNameExtension([{ type: "url", value: `spiffe://${fleet}` }]),
  ];
}

function validity(nowUnixMs: number, ttlMs: number) {
  return { notBefore: new Date(nowUnixMs - BACKDATED_MS), notAfter: new Date(nowUnixMs + ttlMs) };
}

// Positive, as the standard asks.
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

// Bytes of their own: a Buffer may be a part of a larger one.
function toBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function toNode(certificate: X509.X509Certificate): X509Certificate {
  return new X509Certificate(Buffer.from(certificate.rawData));
}
