import type { HostName } from "./route-status.ts";

/** Which names of hosts are known with their ids. Who expects a host by name only gives way to one that knows it by its id. */
export class IdentifiedNames<Who> {
  readonly #counts = new Map<string, number>();
  /** By name. */
  readonly #expecting = new Map<string, Set<Who>>();
  readonly #expectedBy = new Map<Who, readonly string[]>();
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

  /** Notes all hosts that somebody tells of now; what was noted for it before is forgotten. */
  expects(who: Who, hosts: readonly HostName[]): void {
    for (const name of this.#expectedBy.get(who) ?? []) this.#expecting.get(name)?.delete(who);
    const names = hosts.filter((host) => host.hostId === "").map(nameKeyOf);
    this.#expectedBy.set(who, names);
    for (const name of names) this.#expecting.set(name, (this.#expecting.get(name) ?? new Set()).add(who));
  }

  /** Forgets who is gone. */
  forget(who: Who): void {
    this.expects(who, []);
    this.#expectedBy.delete(who);
  }

  /** Who expects by name a host whose name became known by an id, or ceased to be, since this was asked last. A look-up by name: a
   *  fleet of a thousand hosts that are heard of one after another would else be looked through a thousand times. */
  takeConcerned(): ReadonlySet<Who> {
    const names = this.#changed;
    this.#changed = new Set();
    return new Set([...names].flatMap((name) => [...(this.#expecting.get(name) ?? [])]));
  }
}

function nameKeyOf(host: HostName): string {
  return `${host.tenantId}/${host.host}`;
}
