import type { X509Certificate } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";
import type { AuditCheckpoint } from "@mosaic/host";
import { signersFolder } from "@mosaic/host";
import {
  checkpointProblem,
  formatIdentity,
  type Identity,
  identityFolder,
  parseCertificates,
  parseIdentity,
  parseRoots,
  pinOf,
} from "@mosaic/identity";
import { fleetPaths } from "@mosaic/lifecycle";
import type { AuditSource } from "./audit-source.ts";

/** Judges the checkpoints of one audit log. */
export interface OpenJudge {
  /** @returns what is wrong with it; undefined: nothing */
  judge(checkpoint: AuditCheckpoint): string | undefined;
}

/** Opens what checkpoints are judged by: the fleet's roots, who this host is, and the certificates that are kept beside the log.
 *  @param source whose checkpoints; one that several aggregators write may be signed by any aggregator of the fleet
 *  @param rootPaths files with further roots: those that the fleet trusted once
 *  @returns undefined: there are no roots here, so that nothing can be judged
 *  @throws MosaicError IDENTITY_REFUSED for roots that can't be read, MACHINE */
export async function openCheckpointJudge(
  mosaicHome: string,
  source: Pick<AuditSource, "isShared" | "signers">,
  rootPaths: readonly string[] = [],
): Promise<OpenJudge | undefined> {
  const files = await Promise.all(
    (["node", "aggregator", "user"] as const).map((role) => readIdentity(identityFolder(mosaicHome, role))),
  );
  const named = await Promise.all(rootPaths.map(async (path) => parseRoots(await namedText(path), path)));
  const roots = [...files.flatMap(({ roots }) => roots), ...named.flat()];
  if (roots.length === 0) return undefined;
  const { isShared } = source;
  const keepers = isShared ? [] : files.flatMap(({ keeper }) => keeper ?? []).filter(({ kind }) => DAEMONS.has(kind));
  const signers = (await source.signers()) ?? (await readSigners(signersFolder(fleetPaths(mosaicHome).auditPath)));
  return {
    judge({ facts, ...claim }) {
      const [keyId, signature] = [String(facts["key_id"]), String(facts["signature"])];
      const problems = chainsOf(signers.get(keyId) ?? "", keyId).map((chain) => {
        const identity = identityOfLeaf(chain[0]?.subjectAltName);
        if (isShared && identity?.kind === "node") return `it is signed by ${formatIdentity(identity)}, which is no aggregator`;
        return checkpointProblem(claim, { keyId, signature }, { chain, trust: { fleet: identity?.fleet ?? "", roots }, keepers });
      });
      // Under one of the authorities that stood behind the key it holds, or it does not at all.
      return problems.includes(undefined) ? undefined : problems[0];
    },
  };
}

const DAEMONS: ReadonlySet<string> = new Set(["node", "aggregator"]);

/** The chains that are kept of one key, the oldest first; one without certificates when there are none. */
function chainsOf(pem: string, keyId: string): (readonly X509Certificate[])[] {
  const chains: X509Certificate[][] = [];
  for (const certificate of parseCertificates(pem, "the certificate of a checkpoint")) {
    if (chains.length === 0 || pinOf(certificate) === keyId) chains.push([]);
    chains.at(-1)?.push(certificate);
  }
  return chains.length === 0 ? [[]] : chains;
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

async function namedText(path: string): Promise<string> {
  const text = await textIfThere(path);
  if (text !== undefined) return text;
  throw new MosaicError("USAGE", `--root: there is no ${path}`, { hint: "name the file with the certificate of the old root" });
}

async function textIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new MosaicError("MACHINE", `cannot read ${path}: ${(thrown as Error).message}`, { cause: thrown });
  }
}
