import type { FileStore, MembershipKey, MembershipRecord, MembershipStore } from "@mosaic/core";
import { Listeners } from "../listeners.ts";
import { JsonState } from "./json-state.ts";

export interface OpenMembershipStoreOptions {
  /** The file, for example `$MOSAIC_HOME/fleet/membership.json`; made with the first record. */
  readonly path: string;
  readonly files: FileStore;
}

interface Kept {
  /** Rises with each change of any record. */
  readonly rev: number;
  readonly records: readonly MembershipRecord[];
}

/** Opens the membership by command of one aggregator, in a file. A file that can't be used is left as it is: every call then
 *  says why, and it works again when the file does.
 *  @returns a store that the caller disposes */
export function openMembershipStore({ path, files }: OpenMembershipStoreOptions): MembershipStore {
  const empty: Kept = { rev: 0, records: [] };
  const state = new JsonState({ path, files, what: "membership", schema: "mosaic.membership.v1", empty, parse: parseKept });
  const listeners = new Listeners<void>();
  return {
    async list(signal) {
      signal.throwIfAborted();
      const { records, rev } = await state.read();
      return { records, cursor: String(rev) };
    },
    async changesSince(cursor, signal) {
      signal.throwIfAborted();
      const { records, rev } = await state.read();
      return { records: records.filter((record) => record.rev > Number(cursor)), cursor: String(rev) };
    },
    async put(record, signal) {
      signal.throwIfAborted();
      const stored = await state.change((kept) => replaced(kept, record));
      if (stored) listeners.tell();
      return stored;
    },
    onChange: (listener) => listeners.add(listener),
    [Symbol.asyncDispose]: () => state.idle(),
  };
}

function replaced(kept: Kept, record: MembershipRecord): { value?: Kept; done: () => MembershipRecord | undefined } {
  const known = kept.records.find((other) => keyOf(other) === keyOf(record));
  if ((known?.rev ?? 0) !== record.rev) return { done: () => undefined };
  const stored = { ...record, rev: kept.rev + 1 };
  const records = [...kept.records.filter((other) => other !== known), stored];
  return { value: { rev: stored.rev, records }, done: () => stored };
}

function keyOf({ role, tenantId, name }: MembershipKey): string {
  return JSON.stringify([role, tenantId, name]);
}

function parseKept(value: unknown): Kept {
  const { rev, records } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(rev) || !Array.isArray(records)) throw new Error("it must have rev and records");
  return { rev: Number(rev), records: parseRecords(records) };
}

/** Reads membership records that were written as JSON.
 *  @throws Error naming the first that is not one */
export function parseRecords(values: readonly unknown[]): readonly MembershipRecord[] {
  const bad = values.findIndex((value) => !isRecord(value));
  if (bad >= 0) throw new Error(`record ${bad + 1} is not understood`);
  return values as readonly MembershipRecord[];
}

function isRecord(value: unknown): value is MembershipRecord {
  if (typeof value !== "object" || value === null) return false;
  const { role, state, addresses, rev, changedAtUnixMs, ...others } = value as Record<string, unknown>;
  return (
    (role === "node" || role === "aggregator") &&
    (state === "expected" || state === "draining" || state === "removed") &&
    Array.isArray(addresses) &&
    addresses.every((address) => typeof address === "string") &&
    [rev, changedAtUnixMs].every((number) => Number.isSafeInteger(number)) &&
    ["tenantId", "name", "hostId", "reason", "changedBy"].every((key) => typeof others[key] === "string")
  );
}
