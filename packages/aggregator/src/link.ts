import { HostState } from "@mosaic/wire";

/** The state of our connection to one member, as a list of states with what moves it on:
 *  - `warming`: since start, until the first attempt ends → `live` or `lost`
 *  - `live`: frames arrive → `silent` after 2.5 bookmark intervals without one, `lost` when the stream fails
 *  - `silent`: connected and nothing heard → `live` with the next frame, `lost` after 4 intervals
 *  - `lost`: an attempt or the stream failed → `live` when an attempt completes a snapshot or resumes */
export type Link =
  | { readonly kind: "warming" }
  | { readonly kind: "live" }
  | { readonly kind: "silent"; readonly sinceMs: number }
  | {
      readonly kind: "lost";
      readonly state: typeof HostState.UNREACHABLE | typeof HostState.AUTH_FAILED | typeof HostState.INCOMPATIBLE;
      /** gRPC status name. */
      readonly code: string;
      readonly detail: string;
      /** When the next attempt starts, on our monotonic clock; 0 while one runs. */
      readonly retryAtMs: number;
    };

/** Bookmarks we ask of members, in ms: with the factors below a stopped host is STALE within 8 s and UNREACHABLE within
 *  15 s, and a thousand members cost 330 small frames a second. */
export const BOOKMARK_INTERVAL_MS = 3000;
export const SILENT_AFTER_MS = 2.5 * BOOKMARK_INTERVAL_MS;
export const LOST_AFTER_MS = 4 * BOOKMARK_INTERVAL_MS;

/** The host state that a link imposes on the hosts behind it; undefined: whatever the host says of itself. */
export function imposedState(link: Link, wasHeard: boolean): HostState | undefined {
  switch (link.kind) {
    case "live":
      return undefined;
    case "silent":
      return HostState.STALE;
    case "warming":
      return HostState.WARMING;
    case "lost":
      return link.state === HostState.UNREACHABLE && !wasHeard ? HostState.NEVER_SEEN : link.state;
    default:
      return link satisfies never;
  }
}

/** How long to wait before the next attempt, in ms: full jitter under a doubling bound from 250 ms. The bound's ceiling is
 *  3 s for a few lost members and grows with their number, so that all attempts together stay near 50 a second. */
export function retryDelayMs(failures: number, lostMembers: number, random: () => number): number {
  const ceilingMs = Math.min(60_000, Math.max(3000, lostMembers * 20));
  const boundMs = Math.min(ceilingMs, 250 * 2 ** Math.min(failures - 1, 20));
  return Math.round(boundMs * (0.25 + 0.75 * random()));
}
