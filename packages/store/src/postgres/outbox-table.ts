import { isFinal, type MessageChange, MosaicError, type StoredMessage } from "@mosaic/core";
import { toRecord, toUpdate } from "../message-record.ts";
import { isPutBack, sinceValues } from "./cursor.ts";
import type { Database, DatabaseRow, Transaction } from "./database.ts";
import { type CarriedRow, fencedChange } from "./fenced-change.ts";
import { type OutboxRow, toOutboxRow } from "./outbox-row.ts";
import { ADOPT, ALL, BY_ID, CHANGED, FORGET, INSERT, LET_GO, LOCK, STILL_THERE, TOKENS, UNDO, UPDATE } from "./outbox-sql.ts";

export type NewMessage = Omit<StoredMessage, "sequence">;

/** A change of a message, and what its writer had read. */
export interface OutboxUpdate {
  readonly sequence: number;
  readonly change: MessageChange;
}

/** Writes of one transaction. */
export interface OutboxWork {
  readonly adds: readonly NewMessage[];
  readonly updates: readonly OutboxUpdate[];
  /** Messages to forget, as they were read. */
  readonly forgets: readonly { readonly sequence: number; readonly version: number }[];
}

/** Whoever writes. */
export interface Writer {
  readonly owner: string;
  readonly token: number;
  /** The version of a message that it has read. */
  readonly knownVersion: (sequence: number) => number;
}

/** A message that was to be added, as it stands. */
export interface AddedRow extends OutboxRow {
  /** False: it was there already. */
  readonly isNew: boolean;
  readonly text: string;
}

export interface OutboxOutcome {
  /** What was added or was there already, by id. */
  readonly added: ReadonlyMap<string, AddedRow>;
  /** What became of each update; `undefined`: the message is gone. */
  readonly updated: ReadonlyMap<OutboxUpdate, OutboxRow | MosaicError | undefined>;
  /** Sequences that were to be forgotten and have changed since. */
  readonly kept: ReadonlySet<number>;
}

/** How many bytes of text are read at once. */
const TEXT_BYTES_AT_ONCE = 8 * 1024 * 1024;

export interface OutboxNews {
  readonly cursor: string;
  /** By sequence. */
  readonly rows: readonly OutboxRow[];
}

/** Reads what was changed after a place; all there is without one, or when the database was put back in time. */
export async function readNews(database: Database, cursor: string | undefined): Promise<OutboxNews> {
  if (cursor === undefined) return await readRows(database, ALL);
  const news = await readRows(database, CHANGED, sinceValues(cursor));
  return isPutBack(cursor, news.cursor) ? await readRows(database, ALL) : news;
}

async function readRows(database: Database, sql: string, values: readonly unknown[] = []): Promise<OutboxNews> {
  const rows = await database.read("read messages", sql, values);
  return { cursor: String(rows[0]?.["cursor"]), rows: rows.filter((row) => row["sequence"] !== null).map(toOutboxRow) };
}

/** Reads texts, some at a time. */
export async function readTexts(database: Database, rows: readonly OutboxRow[]): Promise<Map<number, string>> {
  const texts = new Map<number, string>();
  let group: number[] = [];
  let bytes = 0;
  for (const [index, { facts, textBytes }] of rows.entries()) {
    group.push(facts.sequence);
    bytes += textBytes;
    if (bytes < TEXT_BYTES_AT_ONCE && index < rows.length - 1) continue;
    const sql = "SELECT sequence, text FROM mosaic.message WHERE sequence = ANY($1::bigint[])";
    for (const row of await database.read("read texts", sql, [group])) texts.set(Number(row["sequence"]), textOf(row));
    group = [];
    bytes = 0;
  }
  return texts;
}

/** Tokens of the carriers whose lease holds. */
export async function liveTokens(database: Database): Promise<ReadonlySet<number>> {
  return new Set((await database.read("read leases", TOKENS)).map((row) => Number(row["token"])));
}

/** Takes over messages whose carrier's lease is over; one that somebody else was quicker to take stays theirs.
 *  @returns how many */
export async function adopt(database: Database, sequences: readonly number[], { owner, token }: Writer): Promise<number> {
  return await database.write("take over messages", async (transaction) => {
    return (await transaction.query(ADOPT, [sequences, owner, token])).rows.length;
  });
}

/** Leaves messages to whoever can carry them.
 *  @returns how many */
export async function letGo(database: Database, sequences: readonly number[], { token }: Writer): Promise<number> {
  return await database.write("leave messages to others", async (transaction) => {
    return (await transaction.query(LET_GO, [sequences, token])).rows.length;
  });
}

/** Takes away what was added in a transaction of which nobody knows whether it was one, unless somebody has it by now. */
export async function undoAdds(database: Database, messageIds: readonly string[], token: number): Promise<void> {
  await database.write("settle what was in doubt", (transaction) => transaction.query(UNDO, [messageIds, token]));
}

/** Writes it all or nothing; on disk when it resolves.
 *  @throws MosaicError STORE_UNAVAILABLE */
export async function writeOutbox(database: Database, work: OutboxWork, writer: Writer): Promise<OutboxOutcome> {
  return await database.write("store messages", async (transaction) => ({
    added: work.adds.length > 0 ? await add(transaction, work.adds, writer) : new Map(),
    updated: work.updates.length > 0 ? await update(transaction, work.updates, writer) : new Map(),
    kept: work.forgets.length > 0 ? await forget(transaction, work.forgets) : new Set(),
  }));
}

async function add(
  transaction: Transaction,
  adds: readonly NewMessage[],
  { owner, token }: Writer,
): Promise<OutboxOutcome["added"]> {
  const records = adds.map((message) => toRecord({ ...message, sequence: 0 }));
  const column = <K extends keyof (typeof records)[number]>(name: K) => records.map((record) => record[name]);
  const bytes = (name: "text" | "receipt") => records.map((record) => Buffer.from(record[name]));
  const values = [
    ...[column("messageId"), column("payloadSha256"), column("traceparent"), column("expiresAtUnixMs"), column("policy")],
    ...[column("command"), bytes("text"), bytes("receipt"), column("injecting")],
    adds.map(({ receipt }) => !isFinal(receipt.state)),
    ...[owner, token],
  ];
  const { rows: fresh } = await transaction.query<DatabaseRow>(INSERT, values);
  const texts = new Map(adds.map(({ messageId, text }) => [messageId, text]));
  const added = new Map<string, AddedRow>();
  for (const row of fresh.map(toOutboxRow)) {
    const { messageId } = row.facts;
    added.set(messageId, { ...row, isNew: true, text: texts.get(messageId) ?? "" });
  }
  const known = column("messageId").filter((messageId) => !added.has(messageId));
  if (known.length === 0) return added;
  const { rows } = await transaction.query<DatabaseRow>(BY_ID, [known]);
  for (const row of rows) added.set(String(row["message_id"]), { ...toOutboxRow(row), isNew: false, text: textOf(row) });
  return added;
}

async function update(
  transaction: Transaction,
  updates: readonly OutboxUpdate[],
  writer: Writer,
): Promise<OutboxOutcome["updated"]> {
  const { rows } = await transaction.query<DatabaseRow>(LOCK, [updates.map(({ sequence }) => sequence)]);
  const before = new Map(
    rows.map((row) => [Number(row["sequence"]), { ...toOutboxRow(row), isCarried: row["is_carried"] === true }]),
  );
  const after = new Map<number, OutboxRow>();
  const outcome = new Map<OutboxUpdate, OutboxRow | MosaicError | undefined>();
  for (const one of updates) {
    const ours = after.get(one.sequence);
    const row = ours ? { ...ours, isCarried: true } : before.get(one.sequence);
    const changed = row && changedRow(row, one, writer, ours !== undefined);
    if (changed && "facts" in changed) after.set(one.sequence, changed);
    outcome.set(one, changed);
  }
  if (after.size > 0) await transaction.query(UPDATE, valuesOf([...after.values()]));
  // Of several the last one counts.
  for (const [one, result] of outcome) if (result && "facts" in result) outcome.set(one, after.get(one.sequence));
  return outcome;
}

function changedRow(
  { isCarried, ...row }: CarriedRow,
  { sequence, change }: OutboxUpdate,
  writer: Writer,
  isOurOwn: boolean,
): OutboxRow | MosaicError {
  try {
    const knownVersion = isOurOwn ? row.version : writer.knownVersion(sequence);
    const { receipt, injecting, isTaken } = fencedChange({ ...row, isCarried }, change, { token: writer.token, knownVersion });
    const { injecting: _before, ...facts } = row.facts;
    const carrier = isTaken ? { owner: writer.owner, ownerToken: writer.token } : {};
    const version = isOurOwn ? row.version : row.version + 1;
    return { ...row, ...carrier, version, facts: { ...facts, receipt, ...(injecting === undefined ? {} : { injecting }) } };
  } catch (thrown) {
    return MosaicError.from(thrown);
  }
}

function valuesOf(rows: readonly OutboxRow[]): unknown[][] {
  const records = rows.map(({ facts }) => toUpdate(facts)).filter((write) => write.kind === "update");
  return [
    rows.map(({ facts }) => facts.sequence),
    records.map(({ receipt }) => Buffer.from(receipt)),
    records.map(({ injecting }) => injecting),
    rows.map(({ facts }) => !isFinal(facts.receipt.state)),
    rows.map(({ version }) => version),
    rows.map(({ owner }) => owner),
    rows.map(({ ownerToken }) => ownerToken),
  ];
}

async function forget(transaction: Transaction, forgets: OutboxWork["forgets"]): Promise<ReadonlySet<number>> {
  const sequences = forgets.map(({ sequence }) => sequence);
  await transaction.query(FORGET, [sequences, forgets.map(({ version }) => version)]);
  const { rows } = await transaction.query<DatabaseRow>(STILL_THERE, [sequences]);
  return new Set(rows.map((row) => Number(row["sequence"])));
}

function textOf(row: DatabaseRow): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(row["text"] as Uint8Array);
}
