import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { APPLICATION_ID, SCHEMA_VERSION } from "./schema.ts";

/** Why a file must not be used. */
export interface Unusable {
  readonly why: string;
  /** True: a newer Mosaic made it. */
  readonly isNewer: boolean;
}

const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** Looks whether a file is one of ours, and sound. It is opened for reading only, so that whatever it is stays as it is.
 *  @returns undefined when it may be used
 *  @throws what the system or SQLite says, when it can't be looked at */
export function checkDatabase(path: string, busyTimeoutMs: number): Unusable | undefined {
  if (!existsSync(path))
    return isFilled(`${path}-wal`) ? unusable("its main file is gone, and its log is still there") : undefined;
  if (!isFilled(path)) return unusable("it is empty");
  try {
    using database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
    return judge(database);
  } catch (thrown) {
    const { errcode = 0, message } = thrown as Error & { errcode?: number };
    if ([CORRUPT, NOT_A_DATABASE].includes(errcode & 0xff)) return unusable(message);
    throw thrown;
  }
}

function judge(database: DatabaseSync): Unusable | undefined {
  const numberOf = (pragma: string) => Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  if (numberOf("application_id") !== APPLICATION_ID) return unusable("it is no message store of Mosaic");
  const version = numberOf("user_version");
  if (version > SCHEMA_VERSION)
    return { why: `a newer Mosaic made it: it has version ${version}, and this one knows ${SCHEMA_VERSION}`, isNewer: true };
  if (version < 1) return unusable("it has no version");
  const [finding] = database
    .prepare("PRAGMA quick_check(1)")
    .all()
    .map((row) => String(Object.values(row)[0]));
  return finding === "ok" ? undefined : unusable(`it is damaged: ${finding?.replaceAll(/\s+/g, " ").trim()}`);
}

function unusable(why: string): Unusable {
  return { why, isNewer: false };
}

function isFilled(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}
