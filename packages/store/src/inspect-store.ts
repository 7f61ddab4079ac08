import { existsSync } from "node:fs";
import { isFinal, MosaicError } from "@mosaic/core";
import type { Receipt } from "@mosaic/wire";
import { fromRecord } from "./message-record.ts";
import { SqliteJournal } from "./sqlite/sqlite-journal.ts";

/** What a message store that no daemon uses holds. */
export interface InspectedStore {
  /** Why a daemon takes nothing into it until somebody does something; undefined: it is sound, or its trouble passes by itself. */
  readonly refusal: string | undefined;
  /** Trouble of the disk and not of the file: setting it aside helps nothing. */
  readonly passing: string | undefined;
  /** Messages that can be read of it. */
  readonly readable: number;
  /** Those among them that something might still have happened to, oldest first. */
  readonly unfinished: readonly Receipt[];
}

/** Looks into a message store as a daemon would when it starts. A file that is refused is left as it is.
 *  @returns undefined when there is none
 *  @throws MosaicError ALREADY_RUNNING while a daemon uses it */
export async function inspectStore(path: string): Promise<InspectedStore | undefined> {
  if (!existsSync(path) && !existsSync(`${path}-wal`)) return undefined;
  const options = { role: "mosaic-message-store", path, minFreeShare: 0, minFreeBytes: 0, busyTimeoutMs: 5000 } as const;
  await using journal = new SqliteJournal(options);
  const { records, trouble } = await journal.open();
  const receipts: Receipt[] = [];
  let damage: string | undefined;
  for (const record of records) {
    try {
      receipts.push(fromRecord(record).receipt);
    } catch (thrown) {
      damage = journal.damage(`message ${record.sequence} can't be understood: ${MosaicError.from(thrown).message}`).reason;
    }
  }
  return {
    refusal: trouble?.isLasting ? trouble.reason : damage,
    passing: trouble && !trouble.isLasting ? trouble.reason : undefined,
    readable: receipts.length,
    unfinished: receipts.filter(({ state }) => !isFinal(state)),
  };
}
