import type { X509Certificate } from "node:crypto";
import { type FileStore, MosaicError } from "@mosaic/core";
import {
  type Authority,
  type CaState,
  EMPTY_REGISTER,
  LATE_RENEWAL_MS,
  type MemberTrust,
  parseAuthority,
  parseCaState,
  parseRegister,
  parseRoots,
  type RegisterState,
} from "@mosaic/identity";
import { type CaPaths, caPaths } from "./ca-paths.ts";

/** The authority of a home, as its files have it. */
export interface CaView {
  readonly paths: CaPaths;
  readonly state: CaState;
  readonly intermediate: Authority;
  readonly roots: readonly X509Certificate[];
  readonly rootsPem: string;
  readonly register: RegisterState;
}

/** Reads it.
 *  @throws MosaicError NOT_HERE when this home has none */
export async function readCa(files: FileStore, mosaicHome: string): Promise<CaView> {
  const paths = caPaths(mosaicHome);
  const stateText = await files.read(paths.state);
  if (stateText === undefined)
    throw new MosaicError("NOT_HERE", `there is no authority of a fleet in ${paths.folder}`, {
      hint: "it is on the aggregator's host; to make one: mosaic fleet ca init --fleet <name>",
    });
  const read = async (path: string) => {
    const text = await files.read(path);
    if (text !== undefined) return text;
    throw new MosaicError("IDENTITY_REFUSED", `a part of the fleet's authority is gone: ${path}`, {
      hint: "put it back from a copy",
    });
  };
  const rootsPem = await read(paths.roots);
  const registerText = await files.read(paths.register);
  return {
    ...{ paths, rootsPem, state: parseCaState(stateText, paths.state), roots: parseRoots(rootsPem, paths.roots) },
    intermediate: parseAuthority(await read(paths.intermediate), paths.intermediate),
    register: registerText === undefined ? EMPTY_REGISTER : parseRegister(registerText, paths.register),
  };
}

/** Members as a change of roots sees them, by the name that `--without` takes. Who is too late to renew is none any more. */
export function memberTrust({ members }: RegisterState, nowUnixMs: number): readonly MemberTrust[] {
  return members
    .filter(({ standing, endsAtUnixMs }) => standing === "in" && nowUnixMs - endsAtUnixMs < LATE_RENEWAL_MS)
    .map(({ identity, tenantId, host, rootPins, signedUnder }) => ({
      name: host === "" ? identity.replace(/^spiffe:\/\/[^/]+\//, "") : `${tenantId}/${host}`,
      ...{ rootPins, signedUnder },
    }));
}
