import { resolve } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import { type Policy, parsePolicy } from "@mosaic/identity";
import type { Io } from "../../io/io.ts";

const MAX_BYTES = 1024 * 1024;

/** A policy, and the file that it stands in. */
export interface ReadPolicy {
  readonly path: string;
  readonly policy: Policy;
}

/** Reads the policy of this host, or one that is named.
 *  @throws MosaicError POLICY_INVALID, MACHINE */
export async function readPolicy(mosaicHome: string, named: string | undefined, io: Io): Promise<ReadPolicy> {
  const path = named === undefined ? `${mosaicHome}/fleet/policy.yaml` : resolve(io.cwd, named);
  try {
    const bytes = await io.readFile(path, MAX_BYTES);
    return { path, policy: parsePolicy(new TextDecoder().decode(bytes), path) };
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    throw new MosaicError("POLICY_INVALID", `there is no policy at ${path}: nobody may do anything there but the tenant itself`, {
      hint: `begin with one that lets nobody do anything: echo 'grants: []' > ${path}`,
      cause: thrown,
    });
  }
}

function isMissing(thrown: unknown): boolean {
  const { code, cause } = thrown as { code?: unknown; cause?: unknown };
  return code === "ENOENT" || (cause !== undefined && isMissing(cause));
}
