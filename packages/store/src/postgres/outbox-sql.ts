import { CHANGED_SINCE, CURSOR } from "./cursor.ts";
import { OUTBOX_COLUMNS } from "./outbox-row.ts";

const ROWS = (where: string) => `SELECT place.cursor, m.* FROM (SELECT ${CURSOR} AS cursor) place
  LEFT JOIN (SELECT ${OUTBOX_COLUMNS} FROM mosaic.message ${where}) m ON true ORDER BY m.sequence`;
/** All messages, without their texts, and the place that this reflects. */
export const ALL = ROWS("");
/** Those that changed since a place. */
export const CHANGED = ROWS(`WHERE ${CHANGED_SINCE}`);
/** Adds messages in the order in which they are given; one whose id is there is left out. */
export const INSERT = `INSERT INTO mosaic.message
    (message_id, payload_sha256, traceparent, expires_at_unix_ms, policy, command, text, receipt, injecting, is_open, owner, owner_token)
  SELECT message_id, payload_sha256, traceparent, expires_at_unix_ms, policy, command, text, receipt, injecting, is_open, $11, $12
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::bytea[], $9::text[], $10::boolean[])
    WITH ORDINALITY AS new (message_id, payload_sha256, traceparent, expires_at_unix_ms, policy, command, text, receipt, injecting, is_open, place)
  ORDER BY place ON CONFLICT (message_id) DO NOTHING RETURNING ${OUTBOX_COLUMNS}`;
/** Messages by id, with their texts. */
export const BY_ID = `SELECT ${OUTBOX_COLUMNS}, text FROM mosaic.message WHERE message_id = ANY($1::text[])`;
const IS_CARRIED = "EXISTS (SELECT 1 FROM mosaic.lease l WHERE l.token = m.owner_token AND l.ends_at > clock_timestamp())";
/** Messages as they are until the transaction ends, and whether somebody carries each. */
export const LOCK = `SELECT ${OUTBOX_COLUMNS}, ${IS_CARRIED} AS is_carried FROM mosaic.message AS m WHERE sequence = ANY($1::bigint[])
  ORDER BY sequence FOR UPDATE OF m`;
/** Replaces what may change of messages. */
export const UPDATE = `UPDATE mosaic.message AS m SET receipt = new.receipt, injecting = new.injecting, is_open = new.is_open, version = new.version,
    owner = new.owner, owner_token = new.owner_token, changed_xid = pg_current_xact_id()
  FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::boolean[], $5::bigint[], $6::text[], $7::bigint[])
    AS new (sequence, receipt, injecting, is_open, version, owner, owner_token) WHERE m.sequence = new.sequence`;
/** Deletes messages that are as they were read. */
export const FORGET = `DELETE FROM mosaic.message AS m USING unnest($1::bigint[], $2::bigint[]) AS old (sequence, version)
  WHERE m.sequence = old.sequence AND m.version = old.version`;
/** Which of them are there. */
export const STILL_THERE = "SELECT sequence FROM mosaic.message WHERE sequence = ANY($1::bigint[])";
/** Deletes messages that were added by that carrier, and that nobody has touched since. */
export const UNDO = "DELETE FROM mosaic.message WHERE message_id = ANY($1::text[]) AND owner_token = $2 AND version = 1";
/** Tokens of the carriers whose lease holds. */
export const TOKENS = "SELECT token FROM mosaic.lease WHERE name LIKE 'outbox/%' AND ends_at > clock_timestamp()";
/** Takes messages that nobody carries. */
export const ADOPT = `UPDATE mosaic.message AS m SET owner = $2, owner_token = $3, version = version + 1, changed_xid = pg_current_xact_id()
  WHERE sequence = ANY($1::bigint[]) AND is_open AND NOT ${IS_CARRIED} RETURNING sequence`;
/** Leaves messages that one carries to whoever wants them. */
export const LET_GO = `UPDATE mosaic.message SET owner = '', owner_token = 0, version = version + 1, changed_xid = pg_current_xact_id()
  WHERE sequence = ANY($1::bigint[]) AND is_open AND owner_token = $2 RETURNING sequence`;
