import { Resolver } from "node:dns/promises";

/** One SRV record with an address of its target. */
export interface SrvTarget {
  /** The target's name, for example `alpha.example.org`. */
  readonly target: string;
  readonly address: string;
  readonly port: number;
}

/** Looks services up in DNS: the SRV records of a name, best first, each with every address of its target.
 *  @param servers name servers as `ip:port`; default: those of the system
 *  @returns a function that throws Error when no server answers or the name is not there; a target without an address is left out
 *  as long as another has one */
export function srvLookup(servers?: readonly string[]): (service: string, signal: AbortSignal) => Promise<readonly SrvTarget[]> {
  return async (service, signal) => {
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    if (servers) resolver.setServers([...servers]);
    const cancel = () => resolver.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      const records = await resolver.resolveSrv(service);
      const ordered = records.sort((a, b) => a.priority - b.priority || b.weight - a.weight || a.name.localeCompare(b.name));
      const settled = await Promise.allSettled(ordered.map(({ name, port }) => withAddresses(resolver, name, port)));
      const targets = settled.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
      const failed = settled.find((each) => each.status === "rejected");
      if (targets.length === 0 && failed) throw failed.reason;
      return targets;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  };
}

async function withAddresses(resolver: Resolver, target: string, port: number): Promise<SrvTarget[]> {
  const [four, six] = await Promise.allSettled([resolver.resolve4(target), resolver.resolve6(target)]);
  const addresses = [four, six].flatMap((each) => (each.status === "fulfilled" ? each.value.toSorted() : []));
  if (addresses.length === 0 && four.status === "rejected") throw four.reason;
  return addresses.map((address) => ({ target, address, port }));
}
