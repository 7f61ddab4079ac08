import type { WatchResponse } from "@mosaic/wire";
import type { Known, Stamp } from "./carrier.ts";
import type { SimLife } from "./sim-process.ts";

/** Follows how old what each process knows of each host really is, along the ways that the frames took. */
export class Knowledge {
  /** By life; then by host's name and by who told. */
  readonly #of = new WeakMap<SimLife, Map<string, Map<string, Known>>>();

  /** What a server knows at this moment of all hosts, to go with a frame that it makes. */
  stampOf(frame: WatchResponse, nowMs: number, hosts: Iterable<string>, know: (host: string) => Known | undefined): Stamp {
    const aged = hostsOf(frame);
    const stamp = new Map<string, Known>();
    for (const host of hosts) {
      const known = know(host);
      // Any frame shows that its server lives, but only some tell ages; as ages, because the frame is still under way.
      const reckonedAtMs = known && aged.includes(host) ? known.reckonedAtMs - nowMs : Number.NEGATIVE_INFINITY;
      if (known) stamp.set(host, { ...known, toldAtMs: known.toldAtMs - nowMs, reckonedAtMs });
    }
    return stamp;
  }

  /** A client took a frame: what its server knew it knows now too. */
  learn(client: SimLife, server: string, stamp: Stamp, nowMs: number): void {
    const hosts = this.#of.get(client) ?? new Map<string, Map<string, Known>>();
    this.#of.set(client, hosts);
    for (const [host, told] of stamp) {
      const ways = hosts.get(host) ?? new Map<string, Known>();
      hosts.set(host, ways);
      const before = ways.get(server);
      const reckonedAtMs = told.reckonedAtMs + nowMs;
      ways.set(server, {
        toldAtMs: Math.max(told.toldAtMs + nowMs, before?.toldAtMs ?? 0),
        trueAtMs: Math.max(told.trueAtMs, before?.trueAtMs ?? 0),
        reckonedAtMs: Math.max(reckonedAtMs, before?.reckonedAtMs ?? Number.NEGATIVE_INFINITY),
      });
    }
  }

  /** The best that a process can know of a host. */
  best(life: SimLife, host: string): Known | undefined {
    let best: Known | undefined;
    for (const way of this.#of.get(life)?.get(host)?.values() ?? []) {
      best = best
        ? {
            toldAtMs: Math.max(best.toldAtMs, way.toldAtMs),
            trueAtMs: Math.max(best.trueAtMs, way.trueAtMs),
            reckonedAtMs: Math.max(best.reckonedAtMs, way.reckonedAtMs),
          }
        : way;
    }
    return best;
  }
}

// Only these carry ages: a row says nothing of how current its host's others are.
function hostsOf({ frame }: WatchResponse): string[] {
  if (frame.case === "host") return [frame.value.host];
  return frame.case === "bookmark" ? frame.value.hosts.flatMap(({ key }) => key?.host ?? []) : [];
}
