import { randomBytes, randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";

/** The host name as the kernel tells it, which may or may not have a domain. */
export function hostName(): string {
  return hostname();
}

/** The login name of the user this process runs as; `uid-<n>` for a user that the system has no name for. */
export function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    // Containers run with user ids that no passwd file knows; a made-up but stable name beats not starting.
    return `uid-${process.getuid?.() ?? "unknown"}`;
  }
}

/** Makes a random id (UUIDv4), for example of a node. */
export function newId(): string {
  return randomUUID();
}

/** Makes the id of a message: a UUIDv7, so that ids of different milliseconds sort by time. */
export function newMessageId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** One variable of this process's environment; undefined when it is not set or empty. */
export function environment(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}
