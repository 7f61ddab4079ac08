/** Where a chain of audit records stands: what the next one continues from. */
export interface AuditHead {
  /** Of the last record; 0: there is none yet. */
  readonly index: number;
  /** SHA-256 of the last record's line, in hex; 64 zeros when there is none. */
  readonly hash: string;
}

/** The end of a chain, while nobody else adds to it. */
export interface AuditChainEnd {
  readonly head: AuditHead;
  /** The last record's line; undefined: it is not at hand. */
  readonly lastLine: string | undefined;
  /** By the clock of whoever keeps the chain. */
  readonly nowUnixMs: number;
}

/** Certificates of one key that signs places in a chain. */
export interface AuditSigner {
  /** Names the key in the log: SHA-256 of the public key, in hex. */
  readonly keyId: string;
  /** The certificates that say whose key it is, in PEM, the leaf first. */
  readonly certificatesPem: string;
}

/** Keeps audit records as lines, each of which continues from the one before, also where several processes write. */
export interface AuditChain {
  /** Adds a line while nobody else does. It is kept for good when this resolves.
   *  @param toLine gets where the chain stands; undefined: nothing is to be written
   *  @throws MosaicError MACHINE or STORE_UNAVAILABLE when it can't be written; and what `toLine` throws */
  append(toLine: (end: AuditChainEnd) => string | undefined): Promise<void>;
  /** Keeps the certificates of who signs, for whoever judges the log later. Those of a key that is known, under the same authority,
   *  are kept as they were: they are the oldest. */
  keepSigner(signer: AuditSigner): Promise<void>;
}
