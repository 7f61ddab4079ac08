import { type FileStore, MosaicError } from "@mosaic/core";
import {
  type EnrolmentFile,
  fixedIdentity,
  type IdentityRole,
  type IdentitySource,
  identityFolder,
  parseEnrolmentFile,
  parseRoots,
  readOwnCredentials,
} from "@mosaic/identity";
import { callEnrolment, type EnrolmentEndpoint, parseEndpoint } from "@mosaic/rpc";
import type { Invocation } from "../command.ts";
import type { Io } from "../io/io.ts";
import { DEFAULT_TIMEOUT_MS } from "../parse/global-options.ts";

/** Who somebody of this home is, and where they renew. */
export interface OwnEnrolment {
  readonly identity: IdentitySource;
  readonly file: EnrolmentFile;
}

/** Reads who this home's user, or a daemon of it, is.
 *  @returns undefined when nobody was let in */
export async function readOwnEnrolment(
  files: FileStore,
  mosaicHome: string,
  role: IdentityRole,
  nowUnixMs: number,
): Promise<OwnEnrolment | undefined> {
  const folder = identityFolder(mosaicHome, role);
  const read = (name: string) => files.read(`${folder}/${name}`);
  const [credentials, roots, file] = [await read("credentials.pem"), await read("roots.pem"), await read("enrolment.json")];
  if (credentials === undefined || roots === undefined || file === undefined) return undefined;
  const enrolment = parseEnrolmentFile(file, `${folder}/enrolment.json`);
  const trust = { fleet: enrolment.fleet, roots: parseRoots(roots, `${folder}/roots.pem`) };
  const own = readOwnCredentials(credentials, trust, nowUnixMs, `${folder}/credentials.pem`);
  return { identity: fixedIdentity(trust, own), file: enrolment };
}

/** Writes an address as an endpoint: `alpha:8444` is `https://alpha:8444`. */
export function toEnrolmentEndpoint(address: string): EnrolmentEndpoint {
  const endpoint = parseEndpoint(/^(unix:|\/|https?:\/\/)/.test(address) ? address : `https://${address}`);
  if (endpoint.kind !== "tcp") return endpoint;
  throw new MosaicError("NOT_ALLOWED", `nobody enrols over plain text: ${address}`, {
    hint: `write https://${address.replace(/^http:\/\//, "")}`,
  });
}

/** Calls the aggregator that has the fleet's authority as an administrator: over the Unix socket of this home, or elsewhere as the
 *  person whose home it is.
 *  @throws MosaicError as `callEnrolment` */
export async function askAuthority<Res extends object>(
  method: string,
  request: object,
  { globals }: Invocation,
  io: Io,
  files: FileStore,
): Promise<Res> {
  const socket = `unix:${globals.mosaicHome}/fleet/run/enrolment.sock`;
  const own = await readOwnEnrolment(files, globals.mosaicHome, "user", io.clock.nowUnixMs());
  const isHere = (await files.read(`${globals.mosaicHome}/fleet/ca/state.json`)) !== undefined;
  const [address = socket] = globals.isEndpointFlagged ? [globals.endpoint] : isHere ? [] : (own?.file.addresses ?? []);
  const options = { timeoutMs: globals.timeoutMs ?? DEFAULT_TIMEOUT_MS, signal: io.signal, identity: own?.identity };
  return await callEnrolment<Res>(toEnrolmentEndpoint(address), method, request, options);
}
