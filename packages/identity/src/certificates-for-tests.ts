import { type KeyObject, X509Certificate } from "node:crypto";
import { ALGORITHM } from "./algorithm.ts";
import { type Authority, createFleetCa, type FleetCa } from "./fleet-ca.ts";
import { newKey, toCryptoKeys } from "./key-pair.ts";
import * as x509 from "./x509.ts";

export const NOW_MS = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;

/** What of a certificate a test may get wrong. */
export interface OddLeaf {
  readonly names?: readonly x509.JsonGeneralName[];
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly isAuthority?: boolean;
  readonly key?: KeyObject;
  /** Default: a self-signed one. */
  readonly issuer?: Authority | undefined;
}

/** Makes certificates as no authority of ours would. */
export async function oddLeaf(options: OddLeaf): Promise<X509Certificate> {
  const keys = await toCryptoKeys(options.key ?? newKey());
  const { names = [], isAuthority = false, issuer } = options;
  const signer = issuer ? (await toCryptoKeys(issuer.key)).privateKey : keys.privateKey;
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: "41", subject: issuer ? "" : "CN=self", signingKey: signer, signingAlgorithm: ALGORITHM },
    publicKey: keys.publicKey,
    issuer: issuer ? new x509.X509Certificate(new Uint8Array(issuer.certificate.raw)).subject : "CN=self",
    notBefore: new Date(options.fromMs ?? NOW_MS - 1000),
    notAfter: new Date(options.toMs ?? NOW_MS + DAY_MS),
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, undefined, true),
      new x509.KeyUsagesExtension(isAuthority ? x509.KeyUsageFlags.keyCertSign : x509.KeyUsageFlags.digitalSignature, true),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension([...names])] : []),
    ],
  });
  return new X509Certificate(Buffer.from(certificate.rawData));
}

export function uri(value: string): x509.JsonGeneralName {
  return { type: "url", value };
}

let shared: Promise<FleetCa> | undefined;

/** One fleet for all tests of a file. */
export function acme(): Promise<FleetCa> {
  shared ??= createFleetCa("acme", NOW_MS - DAY_MS);
  return shared;
}
