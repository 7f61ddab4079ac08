import type { Clock } from "@mosaic/core";
import type { BrowseListener, Sighting } from "../provider.ts";
import type { LinkWork } from "./link-set.ts";
import type { LinkSocket } from "./link-socket.ts";
import type { Link } from "./links.ts";
import type { DnsPacket } from "./packets.ts";
import { ServiceCache } from "./service-cache.ts";

/** Looks for our services on one link: asks at once, after 1 s, and then at intervals that double up to a minute; what is
 *  missing of a service that was found is asked for within 100 ms. */
export function browseLink(clock: Clock, socket: LinkSocket, link: Link, listener: BrowseListener): LinkWork {
  const cache = new ServiceCache();
  const stop = new AbortController();
  const told = new Map<string, string>();
  let followUp: Promise<void> | undefined;
  const { interfaceName, family } = link;
  const tell = () => {
    for (const seen of cache.sightings()) {
      const sighting: Sighting = { ...seen, interfaceName, family, addresses: seen.addresses.map((each) => scoped(each, link)) };
      const text = JSON.stringify(sighting);
      if (told.get(sighting.instance) === text) continue;
      told.set(sighting.instance, text);
      listener.onFound(sighting);
    }
  };
  const askSoon = async () => {
    await clock.sleep(FOLLOW_UP_MS, stop.signal);
    followUp = undefined;
    if (!stop.signal.aborted && cache.questions().length > 1) await socket.query(cache.questions());
  };
  const loop = askAgain(clock, stop.signal, () => socket.query(cache.questions()));
  return {
    onPacket(packet: DnsPacket) {
      if (packet.type !== "response") return;
      for (const instance of cache.take(packet)) {
        told.delete(instance);
        listener.onGone({ instance, interfaceName, family });
      }
      tell();
      if (cache.questions().length > 1) followUp ??= askSoon();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([loop, followUp]);
    },
  };
}

async function askAgain(clock: Clock, signal: AbortSignal, ask: () => Promise<void>): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    await ask();
    await clock.sleep(pauseMs, signal);
  }
}

const FOLLOW_UP_MS = 100;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

function scoped(address: string, { interfaceName }: Link): string {
  return /^fe[89ab]/i.test(address) ? `${address}%${interfaceName}` : address;
}
