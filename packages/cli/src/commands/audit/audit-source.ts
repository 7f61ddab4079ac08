import { type AuditHead, type AuditLine, auditFiles, auditLines, readAuditHead } from "@mosaic/host";
import { fleetPaths } from "@mosaic/lifecycle";
import type { Invocation } from "../../command.ts";

/** An audit log that is read: files of this host, or what aggregators share in a database. Disposing closes it. */
export interface AuditSource extends AsyncDisposable {
  /** For people: the path of the file, or the database without secrets. */
  readonly path: string;
  /** True: several aggregators write it, each of which may have signed. */
  readonly isShared: boolean;
  /** Where its writers kept that it ends; undefined: nobody did. */
  head(): Promise<AuditHead | undefined>;
  /** Every file or table that is looked through, the oldest first. */
  files(): Promise<readonly string[]>;
  lines(): AsyncIterable<AuditLine>;
  /** Certificates of who signed, by key id, in PEM; undefined: they are in a folder beside the file. */
  signers(): Promise<ReadonlyMap<string, string> | undefined>;
}

/** Opens the log that a command is about: that of a database with --store, else this host's.
 *  @throws MosaicError USAGE for a URL that is none, NOT_ALLOWED, STORE_UNAVAILABLE */
export async function openAuditSource({ flags, globals }: Pick<Invocation, "flags" | "globals">): Promise<AuditSource> {
  const store = flags.text("store");
  return store === undefined ? fileSource(fleetPaths(globals.mosaicHome).auditPath) : await sharedSource(store);
}

/** An audit log in files: the one that is written to, those that were put aside, and where it ends, beside it. */
export function fileSource(path: string): AuditSource {
  return {
    path,
    isShared: false,
    head: () => readAuditHead(path),
    files: () => auditFiles(path),
    lines: () => auditLines(path),
    signers: async () => undefined,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function sharedSource(text: string): Promise<AuditSource> {
  // Loaded here: most who look at a log look at files.
  const { openSharedAudit, parseStoreUrl } = await import("@mosaic/store");
  const reader = await openSharedAudit(parseStoreUrl(text));
  const file = `${reader.shown} mosaic.audit_record`;
  return {
    path: file,
    isShared: true,
    head: () => reader.head(),
    files: async () => [file],
    async *lines() {
      for await (const { text: line, row } of reader.lines()) yield { text: line, file, line: row };
    },
    signers: () => reader.signers(),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}
