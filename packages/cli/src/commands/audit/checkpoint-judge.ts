import { readdir, readFile } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";
import type { AuditCheckpoint } from "@mosaic/host";
import { signersFolder } from "@mosaic/host";
import { checkpointProblem, type Identity, parseCertificates, parseIdentity, parseRoots } from "@mosaic/identity";
import { fleetPaths } from "@mosaic/lifecycle";

/** Judges the checkpoints of one audit log. */
export interface OpenJudge {
  /** @returns what is wrong with it; undefined: nothing */
  judge(checkpoint: AuditCheckpoint): string | undefined;
}

/** Opens what checkpoints are judged by: the fleet's roots, who this host is, and the certificates that are kept beside the log.
 *  @returns undefined: there are no roots here, so that nothing can be judged
 *  @throws MosaicError IDENTITY_REFUSED for roots that can't be read, MACHINE */
export async function openCheckpointJudge(mosaicHome: string): Promise<OpenJudge | undefined> {
  const identityFolder = `${mosaicHome}/fleet/identity`;
  const rootsPath = `${identityFolder}/roots.pem`;
  const rootsPem = await textIfThere(rootsPath);
  if (rootsPem === undefined) return undefined;
  const roots = parseRoots(rootsPem, rootsPath);
  const own = await textIfThere(`${identityFolder}/credentials.pem`);
  const keeper = own === undefined ? undefined : daemonOf(own);
  const chains = await readSigners(signersFolder(fleetPaths(mosaicHome).auditPath));
  return {
    judge({ facts, ...claim }) {
      const [keyId, signature] = [String(facts["key_id"]), String(facts["signature"])];
      const chain = parseCertificates(chains.get(keyId) ?? "", "the certificate of a checkpoint");
      const fleet = identityOfLeaf(chain[0]?.subjectAltName)?.fleet ?? "";
      return checkpointProblem(claim, { keyId, signature }, { chain, trust: { fleet, roots }, keeper });
    },
  };
}

async function readSigners(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new MosaicError("MACHINE", `cannot read ${folder}: ${error.message}`, { cause: error });
  });
  const files = names.filter((name) => /^[0-9a-f]{64}\.pem$/.test(name));
  return new Map(
    await Promise.all(files.map(async (name) => [name.slice(0, 64), await readFile(`${folder}/${name}`, "utf8")] as const)),
  );
}

// A person's own credentials keep no log.
function daemonOf(credentialsPem: string): Identity | undefined {
  const identity = identityOfLeaf(parseCertificates(credentialsPem, "this host's credentials")[0]?.subjectAltName);
  return identity?.kind === "node" || identity?.kind === "aggregator" ? identity : undefined;
}

function identityOfLeaf(subjectAltName: string | undefined): Identity | undefined {
  return parseIdentity((subjectAltName ?? "").replace(/^URI:/, ""));
}

async function textIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new MosaicError("MACHINE", `cannot read ${path}: ${(thrown as Error).message}`, { cause: thrown });
  }
}
