import type { ListAnswer } from "@mosaic/rpc";
import { HostState, type ListRequest } from "@mosaic/wire";
import type { Findings } from "./findings.ts";
import type { SimAggregator } from "./sim-aggregator.ts";
import type { SimLife } from "./sim-process.ts";
import { nameOf } from "./stream-record.ts";

/** C1 over all hops: a host that an aggregator has shown stays in its answers as long as no edit of a membership on the way
 *  took it out. Where an aggregator on the way began anew and knows of a child by name only, that name stands for the hosts
 *  behind it, and must not pass for live. */
export class ShownHosts {
  readonly #aggregators: ReadonlyMap<string, SimAggregator>;
  readonly #findings: Findings;
  readonly #shown = new WeakMap<SimLife, Set<string>>();
  /** Hosts behind a membership that was edited: they may come and go. */
  readonly #edited = new Set<string>();
  /** Hosts that a name stood for, in answers. */
  standIns = 0;

  constructor(aggregators: ReadonlyMap<string, SimAggregator>, findings: Findings) {
    this.#aggregators = aggregators;
    this.#findings = findings;
  }

  /** A member was taken out, put in or changed: the hosts behind it are not followed from here on. */
  edit(member: string, host: (name: string) => string | undefined): void {
    for (const name of this.#behind(member)) {
      const found = host(name);
      if (found !== undefined) this.#edited.add(found);
    }
  }

  check(aggregator: SimAggregator, life: SimLife, request: ListRequest, answer: ListAnswer): void {
    if (request.selector) return;
    const told = new Map(answer.hosts.map((host) => [nameOf(host), host]));
    const shown = this.#shown.get(life) ?? new Set<string>();
    this.#shown.set(life, shown);
    for (const name of shown) {
      if (told.has(name) || this.#edited.has(name)) continue;
      const standIn = [...this.#aggregators.keys()].find((each) => {
        const row = told.get(`/${each}`);
        return row !== undefined && row.state !== HostState.LIVE && this.#behind(each).has(name.split("/")[1] ?? "");
      });
      if (standIn !== undefined) this.standIns += 1;
      this.#findings.look("C1", standIn ? undefined : `${aggregator.name} does not show ${name} any more, which nobody removed`);
    }
    for (const host of answer.hosts) if (host.tenantId !== "") shown.add(nameOf(host));
  }

  /** True for one of those that watch each other: each may for a moment take the other's word for its own, and is told
   *  AGGREGATOR_LOOP. */
  isInLoop(name: string): boolean {
    const seen = new Set<string>();
    for (const member of this.#aggregators.get(name)?.file ?? []) this.#behind(member.name, seen);
    return seen.has(name);
  }

  /** Everything that can be reached through a member, itself included. */
  #behind(member: string, seen = new Set<string>()): Set<string> {
    if (seen.has(member)) return seen;
    seen.add(member);
    for (const { name } of this.#aggregators.get(member)?.file ?? []) this.#behind(name, seen);
    return seen;
  }
}
