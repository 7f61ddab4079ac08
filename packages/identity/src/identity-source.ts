import type { Credentials } from "./credentials.ts";
import type { Trust } from "./peer.ts";

/** Who a process is and whom it believes, as of now: both are replaced while it runs. */
export interface IdentitySource {
  /** Absent: it can say nobody's name, and may ask only what needs none. */
  readonly credentials?: Credentials | undefined;
  readonly trust: Trust;
  /** Calls back after either was replaced by another object. */
  onChange(listener: () => void): Disposable;
}

/** An identity that stays until it is told another. */
export function fixedIdentity(
  trust: Trust,
  credentials?: Credentials,
): IdentitySource & { replace(trust: Trust, credentials?: Credentials): void } {
  const listeners = new Set<() => void>();
  let [currentTrust, current] = [trust, credentials];
  return {
    get credentials() {
      return current;
    },
    get trust() {
      return currentTrust;
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    replace(newTrust, newCredentials) {
      [currentTrust, current] = [newTrust, newCredentials];
      for (const listener of listeners) listener();
    },
  };
}
