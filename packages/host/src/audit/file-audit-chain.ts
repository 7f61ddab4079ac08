import { readFile } from "node:fs/promises";
import type { AuditChain, AuditSigner } from "@mosaic/core";
import { writeFileAtomically } from "../files.ts";
import { makeFolder } from "../make-folder.ts";
import { type AppendOptions, appendLines, type ToLine } from "./append-line.ts";

/** So that no write holds the others up for long. */
const MAX_GROUP = 100;

interface Waiting {
  readonly toLine: ToLine;
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

/** A chain of audit records in a file, with the certificates of those who sign it in a folder beside. What comes while a write is
 *  under way is written together, with one fsync. */
export function fileAuditChain(options: AppendOptions): AuditChain {
  const waiting: Waiting[] = [];
  const kept = new Map<string, string>();
  let isWriting = false;
  const drain = async () => {
    if (isWriting) return;
    isWriting = true;
    while (waiting.length > 0) await writeNext(options, waiting);
    isWriting = false;
  };
  return {
    append: (toLine) =>
      new Promise((resolve, reject) => {
        waiting.push({ toLine, resolve, reject });
        void drain();
      }),
    async keepSigner(signer) {
      if (kept.get(signer.keyId) === signer.certificatesPem) return;
      await keepCertificates(signersFolder(options.path), signer);
      kept.set(signer.keyId, signer.certificatesPem);
    },
  };
}

async function writeNext(options: AppendOptions, waiting: Waiting[]): Promise<void> {
  const group = waiting.slice(0, MAX_GROUP);
  try {
    const outcomes = await appendLines(
      options,
      group.map(({ toLine }) => toLine),
    );
    for (const [index, { resolve, reject }] of waiting.splice(0, outcomes.length).entries()) {
      if (outcomes[index] === undefined) resolve();
      else reject(outcomes[index]);
    }
  } catch (thrown) {
    for (const { reject } of waiting.splice(0, group.length)) reject(thrown);
  }
}

/** The folder beside an audit log with the certificates of those who signed it, a PEM file for each key id: one chain after the other,
 *  the oldest first. */
export function signersFolder(auditPath: string): string {
  return `${auditPath}.signers`;
}

// A certificate is for a day, and the log is read years later. A key is certified anew twice a day: what it signed before is judged
// by the certificate that it had then. Another one is needed only when another authority stands behind it.
async function keepCertificates(folder: string, { keyId, certificatesPem }: AuditSigner): Promise<void> {
  const path = `${folder}/${keyId}.pem`;
  await makeFolder(folder);
  const known = await readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return "";
    throw thrown;
  });
  const authorities = behindTheLeaf(certificatesPem);
  if (known !== "" && known.includes(authorities)) return;
  await writeFileAtomically(path, known + certificatesPem, 0o600);
}

const END = "-----END CERTIFICATE-----\n";

/** The certificates of a chain without its leaf, in PEM. */
function behindTheLeaf(certificatesPem: string): string {
  const end = certificatesPem.indexOf(END);
  return end < 0 ? certificatesPem : certificatesPem.slice(end + END.length);
}
