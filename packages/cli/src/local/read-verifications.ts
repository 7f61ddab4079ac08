import { auditLines, readAuditHead, verifyAudit } from "@mosaic/host";
import { type ListedRecord, parseAuditRecord } from "../commands/audit/audit-record.ts";
import { orUnreadable } from "../commands/audit/unreadable-log.ts";

/** What `release log --json` prints. The names of its fields are a contract; see release-commands.test.ts. */
export interface ReleaseLogAnswer {
  readonly schema: "mosaic.release.log/1";
  /** True: the whole log was looked through. */
  readonly complete: true;
  readonly path: string;
  /** Oldest first. */
  readonly items: readonly ListedRecord[];
  /** Lines that are half a record, as a crash leaves them. */
  readonly fragment_count: number;
  /** Where the chain of lines is broken; none: all stands as it was written. */
  readonly problems: readonly {
    readonly kind: string;
    readonly index: number;
    readonly line: number;
    readonly detail: string;
  }[];
  /** Where it ends: to be kept elsewhere by who wants to know later that nothing was taken away. */
  readonly head: { readonly index: number; readonly hash: string };
}

/** Reads a verification log and follows its chain. One that is not there is empty.
 *  @throws MosaicError MACHINE when it can't be read */
export async function readVerifications(path: string): Promise<ReleaseLogAnswer> {
  return await orUnreadable(path, async () => {
    // Before the lines: a log that goes on meanwhile is not one that was cut off.
    const kept = await readAuditHead(path);
    const items: ListedRecord[] = [];
    const report = await verifyAudit(collected(path, items), { head: kept });
    return {
      ...{ schema: "mosaic.release.log/1", complete: true, path, items, fragment_count: report.fragments },
      problems: report.problems.map(({ kind, index, line, detail }) => ({ kind, index, line, detail })),
      head: report.head,
    };
  });
}

async function* collected(path: string, items: ListedRecord[]): ReturnType<typeof auditLines> {
  for await (const line of auditLines(path)) {
    const record = parseAuditRecord(line.text);
    if (record !== undefined) items.push(record);
    yield line;
  }
}
