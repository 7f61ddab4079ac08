import { MosaicError } from "@mosaic/core";
import { ConnectionLost } from "./bus-connection.ts";
import type { ManagerSession } from "./manager-session.ts";

/** How one attempt to reach the user manager went. */
export type ManagerOutcome = { readonly kind: "session"; readonly session: ManagerSession } | Unreached;

/** Why there is no session: nobody to talk to, which is no error, or somebody who does not talk to us. */
export type Unreached =
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "failed"; readonly error: MosaicError };

/** Says what it means that a connection could not be made. */
export function toUnreached(socketPath: string, thrown: unknown): Unreached {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  const reason = NOBODY[code];
  if (reason !== undefined) return { kind: "absent", reason: `no systemd user manager: ${reason} "${socketPath}"` };
  if (thrown instanceof MosaicError) return { kind: "failed", error: thrown };
  const why = thrown instanceof ConnectionLost ? "it turned the connection away" : MosaicError.from(thrown).message;
  const message = `cannot talk to systemd's user manager at "${socketPath}": ${why}`;
  return {
    kind: "failed",
    error: new MosaicError("MACHINE", message, { hint: "systemctl --user is-system-running", cause: thrown }),
  };
}

/** What those hear who wait while the link ends. */
export function linkIsOver(): Unreached {
  return { kind: "failed", error: new MosaicError("CANCELLED", "the connection to systemd was closed") };
}

/** By the system's error when connecting. A manager that was killed leaves its socket behind. */
const NOBODY: Readonly<Record<string, string>> = {
  ENOENT: "there is no",
  ENOTDIR: "there is no",
  ECONNREFUSED: "nothing answers at",
};
