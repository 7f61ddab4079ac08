/** Something a person or program did to an agent or a host, for the record. */
export interface AuditEntry {
  /** What was done, in lower case with dots: `agent.attach`, `agent.detach`, `agent.reset`, `fleet.start`, … */
  readonly action: string;
  /** Who did it, as far as they say: a source label, for example `desk:operator`. */
  readonly actor: string;
  readonly tenantId: string;
  readonly host: string;
  /** The agent it was done to; absent when it was done to the host. */
  readonly agent?: string | undefined;
  /** Flat facts. Never a text that was typed, never a secret. */
  readonly facts?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** Append-only record of what was done on this host, kept by the tenant. */
export interface AuditLog {
  /** Resolves when the entry is on disk with its time.
   *  @throws MosaicError MACHINE or STORE_UNAVAILABLE when it can't be written: then what it is about must not be done. */
  record(entry: AuditEntry): Promise<void>;
}
