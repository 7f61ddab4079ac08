import { create } from "@bufbuild/protobuf";
import { type Clock, type FleetChange, type FleetLog, hostKeyMessage, hostKeyOf, rowChanges } from "@mosaic/core";
import { formatEndpoint } from "@mosaic/rpc";
import { HostState, type HostStatus, HostStatusSchema } from "@mosaic/wire";
import { imposedState } from "./link.ts";
import { isMembersHost, type Upstream } from "./upstream.ts";

type HostName = Pick<HostStatus, "tenantId" | "hostId" | "host">;

/** One host that the fleet has, and who can be asked about it, in the order they joined. */
interface Route {
  readonly host: HostName;
  readonly upstreams: Set<Upstream>;
}

/** Which upstream speaks for which host, and what the fleet's log says of it.
 *
 *  The conservation rule lives here: each member contributes its hosts, or one placeholder by name until it was heard, from
 *  the moment membership names it until membership drops it. Reachability changes states, never the set. */
export class HostTable {
  readonly #log: FleetLog;
  readonly #clock: Clock;
  /** What this aggregator adds to `via`. */
  readonly ownId: string;
  readonly #upstreams = new Set<Upstream>();
  /** By host key. */
  readonly #routes = new Map<string, Route>();
  /** The one whose rows the log shows, by host key. */
  readonly #owners = new Map<string, Upstream>();
  /** How many hosts of a name are known by their id. */
  readonly #identified = new Map<string, number>();
  /** Names that became known by an id, or ceased to be. */
  #changedNames = new Set<string>();

  constructor(log: FleetLog, clock: Clock, ownId: string) {
    this.#log = log;
    this.#clock = clock;
    this.ownId = ownId;
  }

  get lostCount(): number {
    return [...this.#upstreams].filter((upstream) => upstream.link.kind === "lost").length;
  }

  add(upstream: Upstream): void {
    this.#upstreams.add(upstream);
    this.settle(upstream);
  }

  /** Takes a member out of membership, with the hosts that no other member knows. */
  remove(upstream: Upstream): void {
    this.#upstreams.delete(upstream);
    for (const key of [...this.#routes.keys()]) this.#unroute(key, upstream);
    this.#settleNames();
  }

  /** Brings the log in line with what an upstream shows and how its link is. */
  settle(upstream: Upstream): void {
    if (!this.#upstreams.has(upstream)) return;
    this.#settle(upstream);
    this.#settleNames();
  }

  /** Passes on what an upstream's view went through. A change of a row costs the same however large the view is. */
  take(upstream: Upstream, changes: readonly FleetChange[], isSnapshot: boolean): void {
    const touchesHosts = isSnapshot || changes.some((change) => change.kind === "host" || change.kind === "host-removed");
    if (touchesHosts) return this.settle(upstream);
    this.#log.publish(changes.filter((change) => this.#owners.get(hostKeyOfChange(change)) === upstream));
  }

  /** The upstream that speaks for a host. */
  ownerOf(host: HostName): Upstream | undefined {
    return this.#owners.get(hostKeyOf(host));
  }

  upstreams(): readonly Upstream[] {
    return [...this.#upstreams];
  }

  /** A host's status with age, clock and retry time as they are now. */
  asOfNow(status: HostStatus): HostStatus {
    const owner = this.#owners.get(hostKeyOf(status));
    return owner ? this.statusVia(owner, status) : status;
  }

  /** What an upstream lets us say of a host now. */
  statusVia(upstream: Upstream, told: HostName): HostStatus {
    const nowMs = this.#clock.monotonicMs();
    const { link, view, member } = upstream;
    const known = view.state.host(told);
    const fresh = view.freshness(told);
    const imposed = imposedState(link, known !== undefined);
    const retryAtMs = link.kind === "lost" ? link.retryAtMs : 0;
    return create(HostStatusSchema, {
      ...(known ?? { tenantId: told.tenantId, host: told.host, hostId: told.hostId }),
      state: imposed ?? known?.state ?? HostState.WARMING,
      ageMs: fresh ? BigInt(Math.max(0, Math.round(fresh.ageMs + nowMs - fresh.receivedAtMs))) : 0n,
      asOfUnixMs: fresh?.asOfUnixMs ?? 0n,
      retryInMs: Math.max(0, Math.round(retryAtMs - nowMs)),
      via: [...(known?.via ?? []), this.ownId],
      agentCount: view.state.rowCountOf(told),
      address: known?.address || formatEndpoint(upstream.endpoint),
      ...(link.kind === "lost"
        ? { code: link.code, detail: member.role === "aggregator" ? `${member.name}: ${link.detail}` : link.detail }
        : {}),
      ...(link.kind === "silent" ? { code: "DEADLINE_EXCEEDED", detail: "nothing heard from it" } : {}),
    });
  }

  #settle(upstream: Upstream): void {
    const wanted = new Map(this.#hostsOf(upstream).map((host) => [hostKeyOf(host), host]));
    for (const host of wanted.values()) this.#route(upstream, host);
    // After the new ones were announced: a host that got its id is never absent in between.
    for (const [key, route] of [...this.#routes])
      if (route.upstreams.has(upstream) && !wanted.has(key)) this.#unroute(key, upstream);
  }

  // Who expects a host by name only gives way to one that knows it by its id, and takes its place again when that one goes:
  // each host is there once, whichever ways lead to it.
  #settleNames(): void {
    const names = this.#changedNames;
    this.#changedNames = new Set();
    const isMeant = (host: HostName) => host.hostId === "" && names.has(nameKeyOf(host));
    if (names.size > 0) for (const upstream of this.#upstreams) if (this.#toldBy(upstream).some(isMeant)) this.#settle(upstream);
  }

  #hostsOf(upstream: Upstream): HostName[] {
    return this.#toldBy(upstream).filter((host) => host.hostId !== "" || !this.#identified.has(nameKeyOf(host)));
  }

  // The hosts an upstream told of, or the one that membership expects there.
  #toldBy({ member, view }: Upstream): HostName[] {
    const told = view.state.hosts().filter((host) => !host.via.includes(this.ownId) && isMembersHost(member, host));
    if (told.length > 0 || (member.role === "aggregator" && view.isComplete)) return told;
    return [{ tenantId: member.tenantId, hostId: "", host: member.name }];
  }

  #route(upstream: Upstream, host: HostName): void {
    const key = hostKeyOf(host);
    const known = this.#routes.get(key);
    const route = known ?? { host, upstreams: new Set() };
    route.upstreams.add(upstream);
    if (!known) {
      this.#routes.set(key, route);
      this.#countName(host, 1);
    }
    this.#elect(key, host);
  }

  #unroute(key: string, upstream: Upstream): void {
    const route = this.#routes.get(key);
    if (!route?.upstreams.delete(upstream)) return;
    if (route.upstreams.size > 0) return this.#elect(key, route.host);
    this.#routes.delete(key);
    this.#owners.delete(key);
    this.#countName(route.host, -1);
    this.#log.publish([{ kind: "host-removed", key: hostKeyMessage(route.host) }]);
  }

  #countName(host: HostName, by: 1 | -1): void {
    if (host.hostId === "") return;
    const name = nameKeyOf(host);
    const before = this.#identified.get(name) ?? 0;
    if (before + by > 0) this.#identified.set(name, before + by);
    else this.#identified.delete(name);
    if (before === 0 || before + by === 0) this.#changedNames.add(name);
  }

  // A live route before a silent one before a lost one; among equals the one that speaks already, then the shorter way.
  #elect(key: string, host: HostName): void {
    const owner = this.#owners.get(key);
    const rank = (upstream: Upstream) =>
      ["live", "silent", "warming", "lost"].indexOf(upstream.link.kind) * 10 +
      (upstream === owner ? 0 : 1 + (upstream.view.state.host(host)?.via.length ?? 0));
    const [best] = [...(this.#routes.get(key)?.upstreams ?? [])].sort((a, b) => rank(a) - rank(b));
    if (!best) return;
    this.#owners.set(key, best);
    this.#publish(best, host);
  }

  #publish(upstream: Upstream, host: HostName): void {
    const status = this.statusVia(upstream, host);
    const rows = upstream.view.state.rowsOf(host).map((stored) => stored.row);
    const changes: FleetChange[] = isNews(this.#log.state.host(status), status) ? [{ kind: "host", status }] : [];
    this.#log.publish(changes);
    this.#log.publish(rowChanges(this.#log.state, status, rows));
  }
}

function nameKeyOf(host: HostName): string {
  return `${host.tenantId}/${host.host}`;
}

function hostKeyOfChange(change: FleetChange): string {
  if (change.kind === "upsert") return hostKeyOf(change.row);
  if (change.kind === "delete") return hostKeyOf({ ...change.key, host: "" });
  return hostKeyOf(change.kind === "host" ? change.status : change.key);
}

// Ages, clocks, counts and retry times are told with each answer; only the rest is worth a change of its own.
function isNews(before: HostStatus | undefined, after: HostStatus): boolean {
  const essence = (host: HostStatus) =>
    JSON.stringify([
      host.state,
      host.code,
      host.detail,
      host.host,
      host.via,
      host.address,
      host.version,
      host.conditions.map((c) => [c.type, c.message]),
    ]);
  return before === undefined || essence(before) !== essence(after);
}
