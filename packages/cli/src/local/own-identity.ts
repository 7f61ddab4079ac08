import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";
import { assertOwnFile } from "@mosaic/host";
import {
  type Credentials,
  fixedIdentity,
  type IdentitySource,
  identityFolder,
  parseCertificates,
  parseCredentials,
  parseIdentity,
  parseRoots,
} from "@mosaic/identity/light";

/** Who runs this command, for daemons with TLS. */
export interface OwnIdentity extends IdentitySource {
  readonly credentials: Credentials;
}

/** Reads who the caller is: the person of a home where somebody has logged in, else whoever the home is (`<home>/fleet/identity`).
 *  @throws MosaicError IDENTITY_REFUSED when there is none or it can't be used, NOT_ALLOWED when others could have read its key */
export async function readOwnIdentity(mosaicHome: string): Promise<OwnIdentity> {
  const person = identityFolder(mosaicHome, "user");
  const folder = existsSync(`${person}/credentials.pem`) ? person : identityFolder(mosaicHome, "node");
  const [path, rootsPath] = [`${folder}/credentials.pem`, `${folder}/roots.pem`];
  await assertOwnFile(path, { isSecret: true });
  await assertOwnFile(rootsPath, { isSecret: false });
  const [text, rootsText] = await Promise.all([read(path), read(rootsPath)]);
  const roots = parseRoots(rootsText, rootsPath);
  const identity = parseIdentity(parseCertificates(text, path)[0]?.subjectAltName?.replace(/^URI:/, "") ?? "");
  if (!identity) throw new MosaicError("IDENTITY_REFUSED", `the certificate in ${path} names nobody in a fleet`);
  const trust = { fleet: identity.fleet, roots };
  const credentials = parseCredentials(text, trust, Date.now(), path);
  return { ...fixedIdentity(trust, credentials), trust, credentials };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    throw new MosaicError("IDENTITY_REFUSED", `no identity to call with: ${path} can't be read`, {
      hint: "enrol yourself: mosaic login; or name your home: --mosaic-home DIR",
      cause: thrown,
    });
  }
}
