import type { BrowseListener, LinkFamily, LinkProblem, Sighting } from "./provider.ts";
import { type DaemonTxt, readTxt } from "./read-txt.ts";

/** A daemon that announces itself on a link of this host. A hint: nothing of it is proven. */
export interface DiscoveredDaemon extends DaemonTxt {
  /** Without control characters. */
  readonly instance: string;
  readonly port: number;
  /** Ordered, without doubles. */
  readonly addresses: readonly string[];
  /** Over which links it is seen, ordered. */
  readonly links: readonly { readonly interfaceName: string; readonly family: LinkFamily }[];
}

/** Gathers what is seen over all links: the same daemon over several is one. Bounded, whatever is announced. */
export class FoundDaemons implements BrowseListener {
  readonly #sightings = new Map<string, Sighting>();
  readonly #problems = new Map<string, LinkProblem>();
  #left = 0;

  /** How often something was left out because there is too much of it. */
  get leftOutCount(): number {
    return this.#left;
  }

  /** Links where looking does not work, one each. */
  get problems(): readonly LinkProblem[] {
    return [...this.#problems.values()];
  }

  onFound(sighting: Sighting): void {
    const key = keyOf(sighting);
    if (!this.#sightings.has(key) && this.#sightings.size >= MAX_SIGHTINGS) this.#left++;
    else this.#sightings.set(key, sighting);
  }

  onGone(gone: Pick<Sighting, "instance" | "interfaceName" | "family">): void {
    this.#sightings.delete(keyOf(gone));
  }

  onProblem(problem: LinkProblem): void {
    this.#problems.set(JSON.stringify(problem.link ?? null), problem);
  }

  /** What is there now, ordered by instance. */
  list(): DiscoveredDaemon[] {
    const groups = new Map<string, Sighting[]>();
    for (const sighting of this.#sightings.values()) {
      // Two hosts on two links may have the same name; then their ids or ports tell them apart.
      const key = JSON.stringify([sighting.instance.toLowerCase(), sighting.port, readTxt(sighting.txt).idHash ?? null]);
      groups.set(key, [...(groups.get(key) ?? []), sighting]);
    }
    return [...groups.values()].map(merge).toSorted((a, b) => compare(a.instance, b.instance) || a.port - b.port);
  }
}

/** 256 daemons on two interfaces with both kinds of IP. */
const MAX_SIGHTINGS = 1024;
const MAX_ADDRESSES = 16;

function keyOf({ instance, interfaceName, family }: Pick<Sighting, "instance" | "interfaceName" | "family">): string {
  return JSON.stringify([instance.toLowerCase(), interfaceName, family]);
}

function merge(sightings: readonly Sighting[]): DiscoveredDaemon {
  const [first] = sightings;
  const addresses = new Set(sightings.flatMap((sighting) => sighting.addresses).filter((address) => ADDRESS.test(address)));
  return {
    ...readTxt(first?.txt ?? []),
    instance: shownName(first?.instance ?? ""),
    port: first?.port ?? 0,
    addresses: [...addresses].toSorted(byFamily).slice(0, MAX_ADDRESSES),
    links: sightings
      .map(({ interfaceName, family }) => ({ interfaceName, family }))
      .toSorted((a, b) => compare(a.interfaceName, b.interfaceName) || compare(a.family, b.family)),
  };
}

// The order in which somebody would try them: IPv4, IPv6, and last those that work on one link only.
function byFamily(a: string, b: string): number {
  return rankOf(a) - rankOf(b) || compare(a, b);
}

function rankOf(address: string): number {
  if (!address.includes(":")) return 0;
  return address.includes("%") ? 2 : 1;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Drops what could act on a terminal or reorder text, and half surrogates. */
function shownName(instance: string): string {
  const name = instance.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");
  return name.slice(0, MAX_NAME_LENGTH).toWellFormed();
}

const MAX_NAME_LENGTH = 63;
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:.]{2,45}(?:%[\w.@-]{1,15})?)$/i;
