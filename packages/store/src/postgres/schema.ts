/** Raised with each change that an older Mosaic can't read or write. */
export const SCHEMA_VERSION = 1;

/** Names the lock under which tables are made: `MOSA` in ASCII. */
export const SCHEMA_LOCK = 0x4d_4f_53_41;

/** Made once, in one transaction. `changed_xid` is the transaction that last changed a row: with it a reader finds what it has not
 *  seen, whenever that was committed (`cursor.ts`). Texts and receipts are bytes, since a `text` can't hold a NUL; a long
 *  text lies apart, and isn't written anew when its receipt is. */
export const SCHEMA = `
  CREATE SCHEMA IF NOT EXISTS mosaic;
  CREATE TABLE mosaic.version (version integer NOT NULL, made_at timestamptz NOT NULL DEFAULT clock_timestamp());
  CREATE TABLE mosaic.membership (
    role text NOT NULL,
    tenant_id text NOT NULL,
    name text NOT NULL,
    host_id text NOT NULL,
    addresses jsonb NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    changed_by text NOT NULL,
    changed_at_unix_ms bigint NOT NULL,
    rev bigint NOT NULL,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (role, tenant_id, name)
  );
  CREATE INDEX ON mosaic.membership (changed_xid);
  CREATE SEQUENCE mosaic.lease_token AS bigint;
  CREATE TABLE mosaic.lease (
    name text PRIMARY KEY,
    holder text NOT NULL,
    token bigint NOT NULL UNIQUE,
    ends_at timestamptz NOT NULL
  );
  CREATE TABLE mosaic.message (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id text NOT NULL UNIQUE,
    payload_sha256 text NOT NULL,
    traceparent text NOT NULL,
    expires_at_unix_ms bigint NOT NULL,
    policy text NOT NULL,
    command text,
    text bytea NOT NULL,
    receipt bytea NOT NULL,
    injecting text NOT NULL,
    is_open boolean NOT NULL,
    owner text NOT NULL,
    owner_token bigint NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id()
  );
  CREATE INDEX ON mosaic.message (changed_xid);
  CREATE TABLE mosaic.audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL,
    action text NOT NULL,
    actor text NOT NULL,
    tenant_id text NOT NULL,
    host text NOT NULL,
    agent text,
    facts jsonb NOT NULL
  );
`;
