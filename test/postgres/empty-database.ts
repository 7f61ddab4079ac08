import type { TestContext } from "node:test";
import type { Log, LogFields } from "@mosaic/core";
import { type OpenPostgresStoreOptions, openPostgresStore, type PostgresStore, parseStoreUrl } from "@mosaic/store";
import { realClock } from "@mosaic/testkit";
import { Client } from "pg";
import { type SocketGate, socketGate } from "./socket-gate.ts";
import type { TestPostgres } from "./start-postgres.ts";

/** An empty database of a test. */
export interface EmptyDatabase {
  /** The way of every store that is opened without one of its own. */
  readonly gate: SocketGate;
  /** Another way to the same database. */
  makeGate(): Promise<SocketGate>;
  /** Opens a store in it, closed after the test. It looks for changes each 50 ms, and its leases outlast it. */
  open(options?: Partial<OpenPostgresStoreOptions> & { readonly by?: SocketGate }): Promise<PostgresStore>;
  /** A connection past Mosaic, ended after the test. */
  connect(): Promise<Client>;
  /** All that stores wrote into their log. */
  readonly logged: readonly string[];
}

/** Makes an empty database behind a gate. */
export async function emptyDatabase(server: TestPostgres, context: TestContext): Promise<EmptyDatabase> {
  const direct = await server.createDatabase();
  const gates: SocketGate[] = [];
  const closing: (() => PromiseLike<unknown>)[] = [];
  const makeGate = async () => {
    const gate = await socketGate(direct, server.folder);
    gates.push(gate);
    return gate;
  };
  const gate = await makeGate();
  const logged: string[] = [];
  const log = logInto(logged);
  context.after(async () => {
    for (const one of gates) one.setOpen(true);
    for (const close of closing) await close();
    for (const one of gates) await one[Symbol.asyncDispose]();
  });
  return {
    gate,
    makeGate,
    logged,
    async open({ by = gate, ...options } = {}) {
      const defaults = { clock: realClock, random: Math.random, log, pollMs: 50, leaseMs: 60_000, ownId: "a-1" };
      const store = await openPostgresStore({ url: parseStoreUrl(by.url), ...defaults, ...options });
      closing.push(() => store[Symbol.asyncDispose]());
      return store;
    },
    async connect() {
      const client = new Client({ connectionString: direct });
      client.on("error", () => {});
      await client.connect();
      closing.unshift(() => client.end());
      return client;
    },
  };
}

function logInto(lines: string[]): Log {
  const write = (fields: LogFields, message: string) => void lines.push(`${JSON.stringify(fields)} ${message}`);
  return { debug: write, info: write, warn: write, error: write };
}
