import { chmodSync, existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Write } from "../journal.ts";
import { checkDatabase } from "./check-database.ts";
import { createDatabase } from "./create-database.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import type { DiskSpace, StoreFailure, WorkerAnswer, WorkerOptions } from "./worker-messages.ts";

/** Committed is on disk (`synchronous`); the log is cut to 4 MiB when it was larger. */
const SETTINGS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA journal_size_limit = 4194304;`;

/** The database file, as its one writer sees it. Blocks its thread. */
export class MessageDatabase {
  readonly #options: WorkerOptions;
  #connection: Connection | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  open(): WorkerAnswer {
    const { path, busyTimeoutMs } = this.#options;
    try {
      const unusable = checkDatabase(path, busyTimeoutMs);
      if (unusable) return { kind: "unusable", ...unusable };
      if (!existsSync(path)) createDatabase(path);
      this.#connection ??= new Connection(path, busyTimeoutMs);
      return { kind: "done", lowSpace: this.#lowSpace() };
    } catch (thrown) {
      return { kind: "failed", failure: toFailure(thrown), isDoubtful: false };
    }
  }

  commit(writes: readonly Write[]): WorkerAnswer {
    let isEnding = false;
    try {
      const lowSpace = this.#lowSpace();
      this.#connection ??= new Connection(this.#options.path, this.#options.busyTimeoutMs);
      this.#connection.assertSameFile();
      this.#connection.begin();
      for (const write of writes) if (lowSpace === undefined || write.kind !== "add") this.#connection.write(write);
      isEnding = true;
      this.#connection.end();
      if (writes.some(({ kind }) => kind === "forget")) this.#connection.shrink();
      return { kind: "done", lowSpace };
    } catch (thrown) {
      // The next commit begins with a new connection: what this one still believes of a failed disk may be wrong.
      this.close();
      return { kind: "failed", failure: toFailure(thrown), isDoubtful: isEnding };
    }
  }

  close(): void {
    try {
      this.#connection?.close();
    } catch {
      // Nothing more can be done for it; what was committed is in the file or its log.
    }
    this.#connection = undefined;
  }

  #lowSpace(): DiskSpace | undefined {
    const { path, minFreeBytes, minFreeShare } = this.#options;
    const { bavail, blocks, bsize } = statfsSync(dirname(path));
    const space = { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    return space.freeBytes < minFreeBytes || space.freeBytes < minFreeShare * space.totalBytes ? space : undefined;
  }
}

class Connection {
  readonly #path: string;
  readonly #inode: number;
  readonly #database: DatabaseSync;
  readonly #insertMessage: StatementSync;
  readonly #insertProgress: StatementSync;
  readonly #update: StatementSync;
  readonly #deleteMessage: StatementSync;
  readonly #deleteProgress: StatementSync;

  constructor(path: string, busyTimeoutMs: number) {
    // SQLite would make a file that is gone anew, and empty.
    if (!existsSync(path)) throw new Error("the file is gone");
    chmodSync(path, 0o600);
    this.#path = path;
    this.#inode = statSync(path).ino;
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    this.#database = database;
    try {
      database.exec(SETTINGS);
    } catch (thrown) {
      database.close();
      throw thrown;
    }
    this.#insertMessage = database.prepare("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    this.#insertProgress = database.prepare("INSERT INTO progress VALUES (?, ?, ?)");
    this.#update = database.prepare("UPDATE progress SET receipt = ?, injecting = ? WHERE sequence = ?");
    this.#deleteMessage = database.prepare("DELETE FROM message WHERE sequence = ?");
    this.#deleteProgress = database.prepare("DELETE FROM progress WHERE sequence = ?");
  }

  // What is written to a file that has lost its name is gone with this process.
  assertSameFile(): void {
    const inode = statSync(this.#path, { throwIfNoEntry: false })?.ino;
    if (inode !== this.#inode) throw new Error("the file was moved away while it was in use");
  }

  begin(): void {
    this.#database.exec("BEGIN IMMEDIATE");
  }

  write(write: Write): void {
    if (write.kind === "add") {
      const { sequence, messageId, payloadSha256, traceparent, expiresAtUnixMs, policy, command, text } = write.record;
      this.#insertMessage.run(sequence, messageId, payloadSha256, traceparent, expiresAtUnixMs, policy, command, text);
      this.#insertProgress.run(sequence, write.record.receipt, write.record.injecting);
    } else if (write.kind === "update") {
      this.#update.run(write.receipt, write.injecting, write.sequence);
    } else if (write.kind === "forget") {
      for (const sequence of write.sequences) {
        this.#deleteMessage.run(sequence);
        this.#deleteProgress.run(sequence);
      }
    } else {
      // Written although it is the same.
      this.#database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    }
  }

  end(): void {
    this.#database.exec("COMMIT");
  }

  /** Gives the space of what was deleted back to the disk. */
  shrink(): void {
    try {
      this.#database.exec("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);");
    } catch {
      // What was to be deleted is; the file is as large as before, and the next time makes it smaller.
    }
  }

  close(): void {
    this.#database.close();
  }
}

function toFailure(thrown: unknown): StoreFailure {
  const { errcode, code, message } = thrown as Error & { errcode?: number; code?: string };
  return { sqliteCode: errcode, systemCode: errcode === undefined ? code : undefined, message };
}
