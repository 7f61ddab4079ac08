import { type FileStore, type Log, type MembershipRecord, MosaicError } from "@mosaic/core";

/** The records as they were last known, for a start without their store. Never more than a copy: the store has the say. */
export interface RecordMemory {
  /** @returns undefined: there are none, or they can't be read */
  load(): Promise<readonly MembershipRecord[] | undefined>;
  /** Writes them soon; failures are logged, because nothing rests on it while the store answers. */
  save(records: readonly MembershipRecord[]): void;
}

/** Remembers the records in a file. */
export function fileRecordMemory(files: FileStore, path: string, log: Log): RecordMemory {
  let latest: readonly MembershipRecord[] | undefined;
  let isWriting = false;
  const writeAll = async () => {
    if (isWriting) return;
    isWriting = true;
    while (latest) {
      const text = `${JSON.stringify({ version: 1, records: latest })}\n`;
      latest = undefined;
      await files.write(path, text, 0o600).catch((thrown: unknown) => {
        log.warn(
          { path, error: MosaicError.from(thrown).message },
          "membership by command is not remembered for a start without its store",
        );
      });
    }
    isWriting = false;
  };
  return {
    async load() {
      try {
        return parseRecords(await files.read(path));
      } catch (thrown) {
        log.warn({ path, error: MosaicError.from(thrown).message }, "what was remembered of membership by command can't be read");
        return undefined;
      }
    },
    save(records) {
      latest = records;
      void writeAll();
    },
  };
}

function parseRecords(text: string | undefined): readonly MembershipRecord[] | undefined {
  if (text === undefined) return undefined;
  const { version, records } = JSON.parse(text) as { version?: unknown; records?: unknown };
  if (version !== 1 || !Array.isArray(records)) throw new MosaicError("MACHINE", `it is of another version: ${String(version)}`);
  // Revision 0: whatever the store has is newer.
  return (records as MembershipRecord[]).map((record) => ({ ...record, rev: 0 }));
}
