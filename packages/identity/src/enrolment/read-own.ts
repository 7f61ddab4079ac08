import { type Clock, type FileStore, MosaicError } from "@mosaic/core";
import { type Credentials, parseCertificates, parseRoots, readOwnCredentials } from "../credentials.ts";
import type { Trust } from "../peer.ts";
import { parseIdentity } from "../spiffe-id.ts";

/** Where somebody's identity is. */
export interface OwnFolder {
  readonly clock: Pick<Clock, "nowUnixMs">;
  readonly files: FileStore;
  readonly folder: string;
}

/** What is in such a folder now. */
export interface OwnFiles {
  readonly rootsPem: string;
  readonly trust: Trust;
  readonly own: Credentials;
}

/** Reads who somebody is from a folder, also when that is over.
 *  @throws MosaicError IDENTITY_REFUSED when something of it is missing, or can't be used */
export async function readOwn({ clock, files, folder }: OwnFolder): Promise<OwnFiles> {
  const [rootsPath, ownPath] = [`${folder}/roots.pem`, `${folder}/credentials.pem`];
  const [rootsPem, ownPem] = [await textOf(files, rootsPath), await textOf(files, ownPath)];
  const trust: Trust = { fleet: fleetOf(ownPem, ownPath), roots: parseRoots(rootsPem, rootsPath) };
  return { rootsPem, trust, own: readOwnCredentials(ownPem, trust, clock.nowUnixMs(), ownPath) };
}

// The fleet is the one that one's own certificate names.
function fleetOf(pem: string, path: string): string {
  const [leaf] = parseCertificates(pem, path);
  const identity = parseIdentity(leaf?.subjectAltName?.replace(/^URI:/, "") ?? "");
  if (identity) return identity.fleet;
  throw new MosaicError("IDENTITY_REFUSED", `the certificate in ${path} names nobody in a fleet`);
}

async function textOf(files: FileStore, path: string): Promise<string> {
  const text = await files.read(path);
  if (text !== undefined) return text;
  throw new MosaicError("IDENTITY_REFUSED", `there is no ${path}`, { hint: "enrol this host: mosaic host join" });
}
