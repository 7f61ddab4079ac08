import { type AuditLog, type Clock, type Log, MosaicError } from "@mosaic/core";
import { auditLine, fileAuditLog } from "../audit-log.ts";
import { writeFileAtomically } from "../files.ts";
import { makeFolder } from "../make-folder.ts";
import { appendLine } from "./append-line.ts";
import { CHECKPOINT_ACTION, placeOf } from "./chain.ts";

/** Signs with the key of the daemon that writes. */
export interface CheckpointSigner {
  /** Names the key in the log: SHA-256 of the public key, in hex. */
  readonly keyId: string;
  /** The certificates that say whose key it is, in PEM. Kept beside the log, for whoever judges it later. */
  readonly certificatesPem: string;
  /** Signs that the chain stood there then. */
  sign(place: CheckpointPlace): string;
}

/** What a checkpoint signs. */
export interface CheckpointPlace {
  /** The checkpoint's own index. */
  readonly index: number;
  /** Hash of the record before it, and by that of all before it. */
  readonly prev: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface SignedAuditLogOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Who signs now; undefined while there are no credentials. Asked for each checkpoint, so that a new key counts at once. */
  readonly signer: () => CheckpointSigner | undefined;
  readonly who: { readonly actor: string; readonly tenantId: string; readonly host: string };
  /** A checkpoint follows so many records. Default 1,000. */
  readonly everyRecords?: number | undefined;
  /** A checkpoint follows a record within this time, in ms. Default 60 s. */
  readonly everyMs?: number | undefined;
  readonly maxFileBytes?: number | undefined;
}

/** An audit log with checkpoints. Disposing signs what is not signed yet. */
export interface SignedAuditLog extends AuditLog, AsyncDisposable {
  /** Signs what was recorded since the last checkpoint, whoever recorded it; resolves when that is on disk.
   *  @throws MosaicError MACHINE when it can't be written */
  checkpoint(): Promise<void>;
}

/** Keeps an audit log in a file, as {@link fileAuditLog} does, and has it signed now and then. What other processes record in it
 *  is signed with the rest. A checkpoint that can't be written costs no record: it is tried again, and said in the log. */
export function startSignedAuditLog(options: SignedAuditLogOptions): SignedAuditLog {
  const { everyRecords = 1000, everyMs = 60_000, clock, log } = options;
  const plain = fileAuditLog(options);
  const stop = new AbortController();
  const keepCertificates = certificateKeeper(options.path);
  let unsigned = 0;
  const checkpoint = async () => {
    const signer = options.signer();
    if (!signer) return;
    unsigned = 0;
    await keepCertificates(signer);
    await writeCheckpoint(options, signer);
  };
  const tryCheckpoint = () =>
    checkpoint().catch((thrown: unknown) => {
      log.warn({ error: MosaicError.from(thrown).message }, "the audit log got no checkpoint; it is tried again");
    });
  const ticking = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(everyMs, stop.signal);
      await tryCheckpoint();
    }
  })();
  return {
    async record(entry) {
      await plain.record(entry);
      unsigned += 1;
      if (unsigned >= everyRecords) await tryCheckpoint();
    },
    checkpoint,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ticking;
    },
  };
}

/** The folder beside an audit log with the certificates of those who signed it, a PEM file for each key id. */
export function signersFolder(auditPath: string): string {
  return `${auditPath}.signers`;
}

// A certificate is for a day, and the log is read years later.
function certificateKeeper(auditPath: string): (signer: CheckpointSigner) => Promise<void> {
  const kept = new Map<string, string>();
  return async ({ keyId, certificatesPem }) => {
    if (kept.get(keyId) === certificatesPem) return;
    await makeFolder(signersFolder(auditPath));
    await writeFileAtomically(`${signersFolder(auditPath)}/${keyId}.pem`, certificatesPem, 0o600);
    kept.set(keyId, certificatesPem);
  };
}

async function writeCheckpoint(options: SignedAuditLogOptions, signer: CheckpointSigner): Promise<void> {
  await appendLine(options, ({ head, lastLine }) => {
    // Nothing new: what is signed stays signed.
    if (head.index === 0 || (lastLine !== undefined && isCheckpoint(lastLine))) return undefined;
    const place = { index: head.index + 1, prev: head.hash, at: new Date(options.clock.nowUnixMs()).toISOString() };
    const facts = { key_id: signer.keyId, signature: signer.sign(place) };
    return auditLine({ ...options.who, action: CHECKPOINT_ACTION, facts }, place.at, head);
  });
}

function isCheckpoint(line: string): boolean {
  return placeOf(line) !== undefined && (JSON.parse(line) as { action?: unknown }).action === CHECKPOINT_ACTION;
}
