import type { HostName } from "./route-status.ts";

/** Which names of hosts are known with their ids. Who expects a host by name only gives way to one that knows it by its id. */
export class IdentifiedNames<Who> {
  readonly #counts = new Map<string, number>();
  /** By name. */
  readonly #expecting = new Map<string, Set<Who>>();
  readonly #expectedBy = new Map<Who, Set<string>>();
  /** By name, as it is expected. */
  #changed = new Map<string, HostName>();

  /** Notes a host that came or went. One without an id tells nothing. */
  count(host: HostName, by: 1 | -1): void {
    if (host.hostId === "") return;
    const name = nameKeyOf(host);
    const before = this.#counts.get(name) ?? 0;
    if (before + by > 0) this.#counts.set(name, before + by);
    else this.#counts.delete(name);
    if (before === 0 || before + by === 0) this.#changed.set(name, { tenantId: host.tenantId, host: host.host, hostId: "" });
  }

  /** True for a host that is expected by a name that somebody knows with its id. */
  givesWay(host: HostName): boolean {
    return host.hostId === "" && this.#counts.has(nameKeyOf(host));
  }

  /** Notes all hosts that somebody tells of now; what was noted for it before is forgotten. */
  expects(who: Who, hosts: readonly HostName[]): void {
    for (const name of this.#expectedBy.get(who) ?? []) this.#expecting.get(name)?.delete(who);
    this.#expectedBy.delete(who);
    for (const host of hosts) this.expectsOne(who, host, true);
  }

  /** Notes one host that somebody tells of now, or no longer; the others of it stay as noted. */
  expectsOne(who: Who, host: HostName, isTold: boolean): void {
    if (host.hostId !== "") return;
    const name = nameKeyOf(host);
    const names = this.#expectedBy.get(who) ?? new Set();
    this.#expectedBy.set(who, names);
    if (isTold) {
      names.add(name);
      this.#expecting.set(name, (this.#expecting.get(name) ?? new Set()).add(who));
    } else if (names.delete(name)) this.#expecting.get(name)?.delete(who);
  }

  /** Forgets who is gone. */
  forget(who: Who): void {
    this.expects(who, []);
    this.#expectedBy.delete(who);
  }

  /** Who expects by name a host whose name became known by an id, or ceased to be, since this was asked last, and which. A look-up by
   *  name, and no more than that host: a fleet of a thousand hosts that are heard of one after another would else be looked through a
   *  thousand times. */
  takeConcerned(): readonly { readonly who: Who; readonly host: HostName }[] {
    const names = this.#changed;
    this.#changed = new Map();
    return [...names].flatMap(([name, host]) => [...(this.#expecting.get(name) ?? [])].map((who) => ({ who, host })));
  }
}

function nameKeyOf(host: HostName): string {
  return `${host.tenantId}/${host.host}`;
}
