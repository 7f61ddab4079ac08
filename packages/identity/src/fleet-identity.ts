import type { X509Certificate } from "node:crypto";
import { type Clock, type LastGoodFile, type Log, MosaicError, openLastGoodFile, type WatchedFiles } from "@mosaic/core";
import { type Credentials, parseCertificates, parseCredentials, parseRoots } from "./credentials.ts";
import { type LockView, NO_LOCKS, parseLocks } from "./enrolment/locks.ts";
import type { IdentitySource } from "./identity-source.ts";
import type { Trust } from "./peer.ts";
import { parseIdentity } from "./spiffe-id.ts";

/** An identity in a folder of files: `credentials.pem`, `roots.pem` and, where somebody keeps them, `locks.json`. */
export interface FleetIdentity extends IdentitySource, Disposable {
  readonly credentials: Credentials;
  readonly locks: LockView;
  /** What is wrong with the files now; undefined: nothing. What was good before is in force. */
  readonly problem: MosaicError | undefined;
}

export interface FleetIdentityOptions {
  readonly files: WatchedFiles;
  readonly log: Log;
  readonly clock: Pick<Clock, "nowUnixMs">;
  /** Where the files are, for example `$MOSAIC_HOME/fleet/identity`. */
  readonly folder: string;
}

const MAX_BYTES = 256 * 1024;

/** Opens the identity of this process and follows its files. One that has ended is opened all the same: it can still be renewed.
 *  @returns undefined when there is none
 *  @throws MosaicError IDENTITY_REFUSED when it can't be used as it stands */
export async function openFleetIdentity({ files, log, clock, folder }: FleetIdentityOptions): Promise<FleetIdentity | undefined> {
  const path = `${folder}/credentials.pem`;
  if ((await files.read(path, MAX_BYTES)) === undefined) return undefined;
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  using opening = new DisposableStack();
  let reload = () => {};
  const missing = (what: string) => () =>
    new MosaicError("IDENTITY_REFUSED", `no ${what} in ${folder}`, { hint: "enrol this host again: mosaic host join" });
  const roots = opening.use(
    await openLastGoodFile<readonly X509Certificate[]>(
      files,
      log,
      {
        path: `${folder}/roots.pem`,
        maxBytes: MAX_BYTES,
        parse: (text) => parseRoots(text, `${folder}/roots.pem`),
        missing: missing("roots.pem"),
      },
      // Credentials that a new root has signed may have come before it.
      () => reload(),
    ),
  );
  const parse = (text: string) => parseOwn(text, roots.value, clock.nowUnixMs(), path);
  const own = opening.use(
    await openLastGoodFile<OwnIdentity>(
      files,
      log,
      { path, maxBytes: MAX_BYTES, parse, missing: missing("credentials.pem") },
      tell,
    ),
  );
  reload = () => void own.reload();
  const locks = opening.use(await openLocks(files, log, `${folder}/locks.json`, tell));
  const open = opening.move();
  return {
    get credentials() {
      return own.value.credentials;
    },
    get trust() {
      return own.value.trust;
    },
    get locks() {
      return locks.value;
    },
    get problem() {
      return own.problem ?? roots.problem ?? locks.problem;
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.dispose]: () => open.dispose(),
  };
}

interface OwnIdentity {
  readonly credentials: Credentials;
  readonly trust: Trust;
}

/** Reads one's own identity. The fleet is the one that its certificate names. */
function parseOwn(text: string, roots: readonly X509Certificate[], nowUnixMs: number, path: string): OwnIdentity {
  const [leaf] = parseCertificates(text, path);
  const uri = leaf?.subjectAltName?.replace(/^URI:/, "") ?? "";
  const identity = parseIdentity(uri);
  if (!leaf || !identity) throw new MosaicError("IDENTITY_REFUSED", `the certificate in ${path} names nobody in a fleet`);
  const trust = { fleet: identity.fleet, roots };
  // As of a moment when it held.
  const asOfUnixMs = Math.min(nowUnixMs, Date.parse(leaf.validTo) - 1);
  return { credentials: parseCredentials(text, trust, asOfUnixMs, path), trust };
}

/** The locks that are known here. There are none while nobody has ever told any. */
async function openLocks(
  files: WatchedFiles,
  log: Log,
  path: string,
  tell: () => void,
): Promise<Pick<LastGoodFile<LockView>, "value" | "problem"> & Disposable> {
  const parse = (text: string) => parseLocks(text, path);
  const missing = () => new MosaicError("MACHINE", `${path} is gone`);
  const open = () => openLastGoodFile(files, log, { path, maxBytes: 16 * MAX_BYTES, parse, missing }, tell);
  const isThere = async () => (await files.read(path, 16 * MAX_BYTES)) !== undefined;
  let file = (await isThere()) ? await open() : undefined;
  const slash = path.lastIndexOf("/");
  let arrival: Promise<void> = Promise.resolve();
  const watch = files.onChange(path.slice(0, slash), () => {
    if (file) return;
    arrival = arrival.then(async () => {
      if (file || !(await isThere())) return;
      file = await open();
      tell();
    });
    arrival = arrival.catch((thrown: unknown) => log.warn({ path, error: String(thrown) }, "locks can't be read"));
  });
  return {
    get value() {
      return file?.value ?? NO_LOCKS;
    },
    get problem() {
      return file?.problem;
    },
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      file?.[Symbol.dispose]();
    },
  };
}
