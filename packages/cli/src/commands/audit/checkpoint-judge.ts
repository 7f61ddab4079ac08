import { readdir, readFile } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";
import type { AuditCheckpoint } from "@mosaic/host";
import { signersFolder } from "@mosaic/host";
import { checkpointProblem, type Identity, identityFolder, parseCertificates, parseIdentity, parseRoots } from "@mosaic/identity";
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
  const files = await Promise.all(
    (["node", "aggregator"] as const).map((role) => readIdentity(identityFolder(mosaicHome, role))),
  );
  const roots = files.flatMap(({ roots }) => roots);
  if (roots.length === 0) return undefined;
  const keepers = files.flatMap(({ keeper }) => keeper ?? []);
  const chains = await readSigners(signersFolder(fleetPaths(mosaicHome).auditPath));
  return {
    judge({ facts, ...claim }) {
      const [keyId, signature] = [String(facts["key_id"]), String(facts["signature"])];
      const chain = parseCertificates(chains.get(keyId) ?? "", "the certificate of a checkpoint");
      const fleet = identityOfLeaf(chain[0]?.subjectAltName)?.fleet ?? "";
      return checkpointProblem(claim, { keyId, signature }, { chain, trust: { fleet, roots }, keepers });
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

async function readIdentity(folder: string) {
  const roots = await textIfThere(`${folder}/roots.pem`);
  const own = await textIfThere(`${folder}/credentials.pem`);
  const [leaf] = own === undefined ? [] : parseCertificates(own, `${folder}/credentials.pem`);
  return {
    roots: roots === undefined ? [] : parseRoots(roots, `${folder}/roots.pem`),
    keeper: leaf && identityOfLeaf(leaf.subjectAltName),
  };
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
