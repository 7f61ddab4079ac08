import { HostState, type HostStatus } from "@mosaic/wire";
import { BOOKMARK_INTERVAL_MS } from "./link.ts";

/** One way to a host: who leads to it and what that one lets us say of it now. */
export interface Way<T> {
  readonly upstream: T;
  readonly status: HostStatus;
  /** For order among equals. */
  readonly name: string;
}

/** How much fresher another way must be before it takes over, in ms. A healthy way over one more aggregator is up to two
 *  bookmark intervals old and then new again: ways that both live must not take turns. */
const FRESHER_BY_MS = 2 * BOOKMARK_INTERVAL_MS;

/** Puts the ways to a host in order, the one to use first: what can be vouched for before what can't, then what has rows to show before
 *  what has none, then the fresher, where it is fresher by much; among equals the shorter, then the one in use, then by name. The shorter also takes over from one in use:
 *  what is a way of ours is the beginning of a longer one for whoever watches us, and too long for somebody (docs/adr/0028). */
export function orderWays<T>(ways: readonly Way<T>[], inUse: T | undefined): Way<T>[] {
  const ordered = [...ways].sort((a, b) => compareWays(a, b) || compareText(a.name, b.name));
  const [first] = ordered;
  if (!first) return ordered;
  const used = ordered.find((way) => way.upstream === inUse && compareWays(way, first) === 0);
  return withFirst(ordered, freshest(ordered, used ?? first));
}

function compareWays(a: Way<unknown>, b: Way<unknown>): number {
  return rank(a) - rank(b) || Number(isKnown(b)) - Number(isKnown(a)) || length(a) - length(b);
}

// The freshest of those that rank like `than`, if it is fresher by much; else `than` itself.
function freshest<T>(ways: readonly Way<T>[], than: Way<T>): Way<T> {
  if (!isKnown(than)) return than;
  const equals = ways.filter((way) => rank(way) === rank(than) && isKnown(way));
  const [best] = equals.sort((a, b) => Number(a.status.ageMs - b.status.ageMs));
  return best && Number(than.status.ageMs - best.status.ageMs) > FRESHER_BY_MS ? best : than;
}

function withFirst<T>(ways: readonly Way<T>[], first: Way<T>): Way<T>[] {
  return [first, ...ways.filter((way) => way !== first)];
}

// A way without rows has no age to compare.
function isKnown({ status }: Way<unknown>): boolean {
  return status.asOfUnixMs !== 0n;
}

function rank({ status }: Way<unknown>): number {
  const place = ORDER.findIndex((states) => states.includes(status.state));
  return place === -1 ? ORDER.length : place;
}

// DRAINING is as good as LIVE; what is known of a lost host is worth more than a host that was never heard of.
const ORDER: readonly (readonly HostState[])[] = [
  [HostState.LIVE, HostState.DRAINING],
  [HostState.STALE, HostState.OVERLOADED],
  [HostState.UNREACHABLE],
  [HostState.WARMING],
  [HostState.NEVER_SEEN],
  [HostState.AUTH_FAILED, HostState.INCOMPATIBLE],
];

function length({ status }: Way<unknown>): number {
  return status.via.length;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
