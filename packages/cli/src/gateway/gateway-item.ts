import type { GatewayRole } from "@mosaic/lifecycle";

/** One daemon of this home, in `gateway status --json`. */
export interface GatewayItem {
  readonly role: GatewayRole;
  readonly unit: string;
  readonly installed: boolean;
  /** systemd's words; empty: not known to it. */
  readonly active: string;
  readonly enabled: string;
  /** Addresses besides its socket, as its unit says. */
  readonly listen: readonly string[];
  readonly socket: string;
  readonly answers: boolean;
  /** Why it does not answer; empty: it does. */
  readonly detail: string;
  readonly pid: number | null;
  readonly version: string;
  readonly uptime_ms: number | null;
  /** What to type next; empty: nothing. */
  readonly next: string;
}
