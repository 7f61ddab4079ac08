import type { Lease, LeaseStore } from "@mosaic/core";
import type { Database } from "./database.ts";

/** Everything by the server's clock, so that several aggregators whose clocks differ agree on what is over. */
const ACQUIRE = `INSERT INTO mosaic.lease AS held (name, holder, token, ends_at)
  VALUES ($1, $2, nextval('mosaic.lease_token'), clock_timestamp() + $3 * interval '1 millisecond')
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at,
    token = CASE WHEN held.holder = excluded.holder AND held.ends_at > clock_timestamp() THEN held.token ELSE excluded.token END
  WHERE held.holder = excluded.holder OR held.ends_at <= clock_timestamp()
  RETURNING token, (extract(epoch FROM ends_at) * 1000)::bigint AS ends_at_unix_ms`;
const RELEASE = "DELETE FROM mosaic.lease WHERE name = $1 AND token = $2";

/** Leases that several aggregators share. Tokens come from one sequence: each is higher than all before it, over all names. */
export function postgresLeases(database: Database): LeaseStore {
  return {
    async acquire(name, holder, ttlMs, signal) {
      signal.throwIfAborted();
      const [row] = await database.write(`take the lease ${name}`, async (transaction) => {
        return (await transaction.query<Record<string, unknown>>(ACQUIRE, [name, holder, ttlMs])).rows;
      });
      if (row === undefined) return undefined;
      const lease: Lease = { name, holder, token: Number(row["token"]), endsAtUnixMs: Number(row["ends_at_unix_ms"]) };
      return lease;
    },
    async release({ name, token }, signal) {
      signal.throwIfAborted();
      await database.write(`give back the lease ${name}`, (transaction) => transaction.query(RELEASE, [name, token]));
    },
  };
}
