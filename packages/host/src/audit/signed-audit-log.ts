import { type AuditChain, type AuditLog, type AuditSigner, type Clock, type Log, MosaicError } from "@mosaic/core";
import { auditLine, chainedAuditLog } from "../audit-log.ts";
import { CHECKPOINT_ACTION, placeOf } from "./chain.ts";
import { fileAuditChain } from "./file-audit-chain.ts";

/** Signs with the key of the daemon that writes. */
export interface CheckpointSigner extends AuditSigner {
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

export interface AuditSigningOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Who signs now; undefined while there are no credentials. Asked for each checkpoint, so that a new key counts at once. */
  readonly signer: () => CheckpointSigner | undefined;
  readonly who: { readonly actor: string; readonly tenantId: string; readonly host: string };
  /** A checkpoint follows so many records. Default 1,000. */
  readonly everyRecords?: number | undefined;
  /** A checkpoint follows a record within this time, in ms. Default 60 s. */
  readonly everyMs?: number | undefined;
}

export interface SignedAuditLogOptions extends AuditSigningOptions {
  readonly path: string;
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
  return startSigning(fileAuditChain(options), options);
}

/** The same over a chain that is kept anywhere. */
export function startSigning(chain: AuditChain, options: AuditSigningOptions): SignedAuditLog {
  const { everyRecords = 1000, everyMs = 60_000, clock, log } = options;
  const plain = chainedAuditLog(chain);
  const stop = new AbortController();
  let unsigned = 0;
  const checkpoint = async () => {
    const signer = options.signer();
    if (!signer) return;
    unsigned = 0;
    await chain.keepSigner(signer);
    await writeCheckpoint(chain, options, signer);
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

async function writeCheckpoint(chain: AuditChain, { who }: AuditSigningOptions, signer: CheckpointSigner): Promise<void> {
  await chain.append(({ head, lastLine, nowUnixMs }) => {
    // Nothing new: what is signed stays signed.
    if (head.index === 0 || (lastLine !== undefined && isCheckpoint(lastLine))) return undefined;
    const place = { index: head.index + 1, prev: head.hash, at: new Date(nowUnixMs).toISOString() };
    const facts = { key_id: signer.keyId, signature: signer.sign(place) };
    return auditLine({ ...who, action: CHECKPOINT_ACTION, facts }, place.at, head);
  });
}

function isCheckpoint(line: string): boolean {
  return placeOf(line) !== undefined && (JSON.parse(line) as { action?: unknown }).action === CHECKPOINT_ACTION;
}
