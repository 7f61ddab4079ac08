/** `MOSA` in ASCII: tells our files from other programs' databases. */
export const APPLICATION_ID = 0x4d_4f_53_41;

/** Kept in the file as `user_version`. Raised with each change that an older Mosaic can't read or write. */
export const SCHEMA_VERSION = 1;

/** What never changes of a message is apart from what does, so that a step of its receipt does not write its text anew. The text
 *  is a blob, since SQLite ends some texts at a NUL, and last, so that the rest is read without it. AUTOINCREMENT, since a
 *  sequence must not come again after the last message was forgotten. */
export const SCHEMA = `
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
  CREATE TABLE message (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    payload_sha256 TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    expires_at_unix_ms INTEGER NOT NULL,
    policy TEXT NOT NULL,
    command TEXT,
    text BLOB NOT NULL
  ) STRICT;
  CREATE TABLE progress (
    sequence INTEGER PRIMARY KEY,
    receipt BLOB NOT NULL,
    injecting TEXT NOT NULL
  ) STRICT;
`;
