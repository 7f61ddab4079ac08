import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";
import { assertOwnFile } from "@mosaic/host";
import {
  type Credentials,
  fixedIdentity,
  type IdentitySource,
  identityFolder,
  LATE_RENEWAL_MS,
  PeerRefused,
  parseCertificates,
  parseCredentials,
  parseIdentity,
  parseRoots,
  renewAtUnixMs,
} from "@mosaic/identity/light";

/** Who runs this command, for daemons with TLS. */
export interface OwnIdentity extends IdentitySource {
  readonly credentials: Credentials;
}

/** Renews who is logged in at a home, by the key that is there. */
export type RenewPerson = (mosaicHome: string, timeoutMs: number) => Promise<void>;

/** Reads who the caller is: the person of a home where somebody has logged in, else whoever the home is (`<home>/fleet/identity`).
 *  A person's certificate, or automation's, is renewed on the way from half of its life on, and late when it is over: nobody else does
 *  that for them, as a daemon does for its host.
 *  @throws MosaicError IDENTITY_REFUSED when there is none or it can't be used, NOT_ALLOWED when others could have read its key */
export async function readOwnIdentity(mosaicHome: string, renew: RenewPerson = renewPerson): Promise<OwnIdentity> {
  const person = identityFolder(mosaicHome, "user");
  const isPerson = existsSync(`${person}/credentials.pem`);
  const folder = isPerson ? person : identityFolder(mosaicHome, "node");
  await assertOwnFile(`${folder}/credentials.pem`, { isSecret: true });
  await assertOwnFile(`${folder}/roots.pem`, { isSecret: false });
  const why = isPerson ? await renewWhenDue(mosaicHome, `${folder}/credentials.pem`, renew) : undefined;
  try {
    return await readIdentity(folder);
  } catch (thrown) {
    if (!(thrown instanceof PeerRefused) || thrown.refusal !== "expired") throw thrown;
    throw new MosaicError(
      "IDENTITY_REFUSED",
      `${thrown.message}${why === undefined ? "" : `, and it can't be renewed: ${why}`}`,
      {
        hint: isPerson ? hintFor(why) : "its node renews it while it runs: start it, and see: mosaic host list",
        cause: thrown,
      },
    );
  }
}

/** While it holds, a command does not wait long for a fresh certificate; without one there is nothing else to do. */
const EARLY_TIMEOUT_MS = 1500;
const LATE_TIMEOUT_MS = 10_000;

/** @returns why it was not renewed, where it was due; undefined: it was, or need not be */
async function renewWhenDue(mosaicHome: string, path: string, renew: RenewPerson): Promise<string | undefined> {
  const [leaf] = parseCertificates(await read(path), path);
  const nowMs = Date.now();
  if (!leaf || nowMs < renewAtUnixMs(leaf, 0.5)) return undefined;
  const lateMs = nowMs - Date.parse(leaf.validTo);
  if (lateMs >= LATE_RENEWAL_MS) return TOO_LATE;
  try {
    await renew(mosaicHome, lateMs >= 0 ? LATE_TIMEOUT_MS : EARLY_TIMEOUT_MS);
    return undefined;
  } catch (thrown) {
    // One that still holds is used, and the next command tries again.
    return MosaicError.from(thrown).message;
  }
}

const TOO_LATE = "that was more than 30 days ago";

function hintFor(why: string | undefined): string {
  return why === TOO_LATE
    ? "an administrator prints a new line: mosaic user add <name> --tenant <tenant>"
    : "renew it: mosaic login";
}

// Loaded when it is due: most commands renew nothing.
async function renewPerson(mosaicHome: string, timeoutMs: number): Promise<void> {
  const { renewOwnCredentials } = await import("./renew-person.ts");
  await renewOwnCredentials(mosaicHome, timeoutMs);
}

async function readIdentity(folder: string): Promise<OwnIdentity> {
  const [path, rootsPath] = [`${folder}/credentials.pem`, `${folder}/roots.pem`];
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
