import { type Log, MosaicError } from "@mosaic/core";
import type { Client, Pool, PoolClient } from "pg";
import { isDoubtful, toStoreError } from "./database-error.ts";
import { SCHEMA, SCHEMA_LOCK, SCHEMA_VERSION } from "./schema.ts";
import type { StoreUrl } from "./store-url.ts";

/** A connection in the middle of a transaction. */
export type Transaction = Pick<PoolClient, "query">;

/** A row as it comes: columns by name, 64-bit numbers as text, bytes as Buffer. */
export type DatabaseRow = Readonly<Record<string, unknown>>;

export interface DatabaseOptions {
  readonly url: StoreUrl;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly log: Log;
  /** How long one statement, or getting a connection, may take, in ms. Default 5 s. */
  readonly deadlineMs?: number | undefined;
}

/** Committed is on disk, whatever the database or the role has as its default. */
const BEGIN = "BEGIN; SET LOCAL synchronous_commit TO on";

/** A PostgreSQL database with Mosaic's tables, which are made when they are missing. Connects when it is asked something; a lost
 *  connection is an error once, and the next question makes another. */
export class Database implements AsyncDisposable {
  readonly #options: DatabaseOptions;
  readonly #deadlineMs: number;
  #pool: Promise<Pool> | undefined;
  #ready: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? 5000;
  }

  /** The database for people, without secrets. */
  get shown(): string {
    return this.#options.url.shown;
  }

  /** Asks for rows.
   *  @param what for people: `list members`
   *  @throws MosaicError STORE_UNAVAILABLE */
  async read(what: string, sql: string, values: readonly unknown[] = []): Promise<readonly DatabaseRow[]> {
    return await this.#work(what, async (client) => (await client.query<DatabaseRow>(sql, [...values])).rows);
  }

  /** Does something whole or not at all; on disk when it resolves.
   *  @throws MosaicError STORE_UNAVAILABLE, by `isDoubtful` with a doubt; what `work` throws of its own */
  async write<T>(what: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return await this.#work(what, (client) => this.#transact(what, client, work));
  }

  /** A connection of its own, for LISTEN. The caller ends it.
   *  @throws MosaicError STORE_UNAVAILABLE */
  async connect(): Promise<Client> {
    try {
      const { Client: PgClient } = await import("pg");
      const client = new PgClient(this.#settings());
      client.on("error", () => {}); // It ends then, and who holds it sees that.
      await client.connect();
      return client;
    } catch (thrown) {
      throw toStoreError(thrown, { what: "listen for changes", shown: this.shown });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const pool = await this.#pool;
    this.#pool = undefined;
    await pool?.end();
  }

  async #work<T>(what: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
    try {
      this.#ready ??= this.#withClient((client) => this.#prepare(client));
      await this.#ready;
      return await this.#withClient(work);
    } catch (thrown) {
      // Another server may answer next time.
      this.#ready = undefined;
      throw toStoreError(thrown, { what, shown: this.shown });
    }
  }

  async #withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new MosaicError("STORE_UNAVAILABLE", `the store in ${this.shown} is closed`);
    this.#pool ??= this.#openPool();
    const client = await (await this.#pool).connect();
    let isSound = false;
    try {
      const result = await work(client);
      isSound = true;
      return result;
    } finally {
      // One whose use has thrown may be in the middle of something: the next one gets another.
      client.release(!isSound);
    }
  }

  async #transact<T>(what: string, client: PoolClient, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    await client.query(BEGIN);
    const result = await work(client);
    await client.query("COMMIT").catch((thrown: unknown) => {
      throw toStoreError(thrown, { what, shown: this.shown, isDoubtful: true });
    });
    return result;
  }

  async #openPool(): Promise<Pool> {
    const { Pool: PgPool } = await import("pg");
    const pool = new PgPool({ ...this.#settings(), max: 4, idleTimeoutMillis: 60_000 });
    // Who uses a connection that ends hears it from what they asked; of one that nobody uses there is nothing to hear.
    pool.on("error", () => {});
    pool.on("connect", (client) => void client.on("error", () => {}));
    return pool;
  }

  #settings() {
    const { url, applicationName } = this.#options;
    return {
      connectionString: url.url,
      application_name: applicationName,
      connectionTimeoutMillis: this.#deadlineMs,
      // The server gives up first, so that it is known what happened.
      statement_timeout: Math.round(this.#deadlineMs * 0.8),
      query_timeout: this.#deadlineMs,
      idle_in_transaction_session_timeout: this.#deadlineMs * 2,
      keepAlive: true,
    };
  }

  async #prepare(client: PoolClient): Promise<void> {
    if ((await this.#versionIn(client)) !== undefined) return;
    await this.#transact("make the tables", client, async (transaction) => {
      await transaction.query("SELECT pg_advisory_xact_lock($1)", [SCHEMA_LOCK]);
      if ((await this.#versionIn(transaction)) !== undefined) return;
      await transaction.query(SCHEMA);
      await transaction.query("INSERT INTO mosaic.version (version) VALUES ($1)", [SCHEMA_VERSION]);
      this.#options.log.info({ store: this.shown, version: SCHEMA_VERSION }, "tables were made");
    }).catch((thrown: unknown) => {
      // Somebody else may have made them all the same; the next look tells.
      throw isDoubtful(thrown) ? new Error("the connection broke while tables were made") : thrown;
    });
  }

  async #versionIn(transaction: Transaction): Promise<number | undefined> {
    const { rows: found } = await transaction.query<DatabaseRow>("SELECT to_regclass('mosaic.version') IS NOT NULL AS there");
    if (found[0]?.["there"] !== true) return undefined;
    const { rows } = await transaction.query<DatabaseRow>("SELECT max(version) AS version FROM mosaic.version");
    const version = Number(rows[0]?.["version"] ?? 0);
    if (version <= SCHEMA_VERSION) return version;
    const what = `a newer Mosaic made its tables: they have version ${version}, and this one knows ${SCHEMA_VERSION}`;
    throw new MosaicError("STORE_UNAVAILABLE", `the database ${this.shown} can't be used: ${what}`, {
      hint: "install that version here too",
    });
  }
}
