import type { HostName } from "./route-status.ts";

/** Which names of hosts are known with their ids. Who expects a host by name only gives way to one that knows it by its id. */
export class IdentifiedNames {
  readonly #counts = new Map<string, number>();
  #changed = new Set<string>();

  /** Notes a host that came or went. One without an id tells nothing. */
  count(host: HostName, by: 1 | -1): void {
    if (host.hostId === "") return;
    const name = nameKeyOf(host);
    const before = this.#counts.get(name) ?? 0;
    if (before + by > 0) this.#counts.set(name, before + by);
    else this.#counts.delete(name);
    if (before === 0 || before + by === 0) this.#changed.add(name);
  }

  /** True for a host that is expected by a name that somebody knows with its id. */
  givesWay(host: HostName): boolean {
    return host.hostId === "" && this.#counts.has(nameKeyOf(host));
  }

  /** Says of hosts whether their names became known by an id, or ceased to be, since this was asked last; undefined: none did. */
  takeChanges(): ((host: HostName) => boolean) | undefined {
    const names = this.#changed;
    this.#changed = new Set();
    return names.size === 0 ? undefined : (host) => host.hostId === "" && names.has(nameKeyOf(host));
  }
}

function nameKeyOf(host: HostName): string {
  return `${host.tenantId}/${host.host}`;
}
