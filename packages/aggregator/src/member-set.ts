import type { Clock, Log } from "@mosaic/core";
import { type Address, type Member, memberKey, memberName } from "@mosaic/core/membership";
import type { FleetConnection } from "@mosaic/rpc";
import type { FairSlots } from "./fan-out/fair-slots.ts";
import type { HostTable } from "./host-table.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { Upstream, type UpstreamDeps } from "./upstream.ts";

export interface MemberSetDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly connect: (address: Address, member: Member) => FleetConnection;
  /** As UpstreamDeps.handshakes. */
  readonly handshakes?: FairSlots | undefined;
}

/** One upstream per member of the membership in force. */
export class MemberSet implements AsyncDisposable {
  readonly #upstreams = new Map<string, Upstream>();
  readonly #table: HostTable;
  readonly #upstreamDeps: UpstreamDeps;
  readonly #log: Log;
  readonly #listeners = new Set<() => void>();

  constructor(deps: MemberSetDeps, table: HostTable, ownId: string) {
    const { clock, log, random, connect, handshakes } = deps;
    this.#table = table;
    this.#log = log;
    const silence = new SilenceWatch(clock);
    this.#upstreamDeps = { clock, log, random, connect, ownId, handshakes, silence, countLost: () => table.lostCount };
  }

  /** Calls back when a member became live. */
  onLink(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** The upstream of a member. */
  upstreamOf(member: Pick<Member, "role" | "tenantId" | "name">): Upstream | undefined {
    return this.#upstreams.get(memberKey(member));
  }

  /** The upstreams of all members, as of now. */
  get upstreams(): readonly Upstream[] {
    return [...this.#upstreams.values()];
  }

  /** Starts who is new, stops who is gone, and tells the others what changed of them: who only moved keeps its rows. */
  async follow(members: readonly Member[]): Promise<void> {
    const wanted = new Map(members.map((member) => [memberKey(member), member]));
    const gone = [...this.#upstreams].filter(([key]) => !wanted.has(key));
    for (const [key, member] of wanted) {
      const upstream = this.#upstreams.get(key);
      if (upstream) this.#update(upstream, member);
      else this.#start(key, member);
    }
    for (const [key, upstream] of gone) {
      this.#upstreams.delete(key);
      this.#table.remove(upstream);
      this.#log.info({ member: memberName(upstream.member) }, "member left membership");
    }
    await Promise.all(gone.map(([, upstream]) => upstream[Symbol.asyncDispose]()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#upstreams.values()].map((upstream) => upstream[Symbol.asyncDispose]()));
  }

  #update(upstream: Upstream, member: Member): void {
    if (JSON.stringify(upstream.member) === JSON.stringify(member)) return;
    upstream.update(member);
    this.#table.settle(upstream);
  }

  #start(key: string, member: Member): void {
    const upstream = new Upstream(member, this.#upstreamDeps, {
      onStep: (from, step) => this.#table.take(from, step.changes, step.isSnapshot),
      onLink: (from) => {
        this.#table.settle(from);
        if (from.link.kind === "live") for (const listener of this.#listeners) listener();
      },
    });
    this.#upstreams.set(key, upstream);
    this.#table.add(upstream);
  }
}
