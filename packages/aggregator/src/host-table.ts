import { create } from "@bufbuild/protobuf";
import { type Clock, type FleetChange, type FleetLog, hostKeyMessage, hostKeyOf, rowChanges } from "@mosaic/core";
import { memberName } from "@mosaic/core/membership";
import { type Condition, ConditionSchema, type HostStatus, type Route as RouteMessage } from "@mosaic/wire";
import { orderWays, type Way } from "./choose-way.ts";
import { isNews } from "./host-news.ts";
import { IdentifiedNames } from "./identified-names.ts";
import { type KnownHosts, memoryKnownHosts } from "./known-hosts.ts";
import { ageNow, type HostName, isTooDeep, MAX_DEPTH, statusBy } from "./route-status.ts";
import type { Upstream } from "./upstream.ts";
import { isMembersHost } from "./who-answers.ts";

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
  readonly #known: KnownHosts;
  readonly #upstreams = new Set<Upstream>();
  /** By host key. */
  readonly #routes = new Map<string, Route>();
  /** The one whose rows the log shows, by host key. */
  readonly #owners = new Map<string, Upstream>();
  readonly #names = new IdentifiedNames<Upstream>();
  /** The keys of the hosts that each leads to. */
  readonly #keysOf = new Map<Upstream, Set<string>>();
  readonly #looping = new WeakMap<readonly HostStatus[], boolean>();

  /** @param known which hosts were behind further aggregators before this one started. Default: nobody remembers */
  constructor(log: FleetLog, clock: Clock, ownId: string, known: KnownHosts = memoryKnownHosts()) {
    this.#log = log;
    this.#clock = clock;
    this.ownId = ownId;
    this.#known = known;
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
    this.#names.forget(upstream);
    for (const key of this.#keysNow(upstream)) this.#unroute(key, upstream);
    this.#keysOf.delete(upstream);
    const isSame = ({ member }: Upstream) => member.role === "aggregator" && member.name === upstream.member.name;
    if (isSame(upstream) && ![...this.#upstreams].some(isSame)) this.#known.forget(upstream.member.name);
    this.#settleNames();
  }

  /** Brings the log in line with what an upstream shows and how its link is.
   *  @param areRowsNew the rows may be others than those that were passed on one by one. Default: they are the same */
  settle(upstream: Upstream, areRowsNew = false): void {
    if (!this.#upstreams.has(upstream)) return;
    this.#settle(upstream, areRowsNew);
    this.#settleNames();
  }

  /** Passes on what an upstream's view went through. A change costs the same however large the view is. */
  take(upstream: Upstream, changes: readonly FleetChange[], isSnapshot: boolean): void {
    if (!this.#upstreams.has(upstream)) return;
    const hostChanges = changes.filter((change) => change.kind === "host" || change.kind === "host-removed");
    // A node's one host takes its placeholder's place.
    if (isSnapshot || (hostChanges.length > 0 && upstream.member.role === "node")) return this.settle(upstream, isSnapshot);
    for (const change of hostChanges) this.#takeHost(upstream, change);
    if (hostChanges.length > 0) this.#settleNames();
    this.#log.publish(
      changes.filter((change) => !hostChanges.includes(change as HostChange) && this.#speaksFor(upstream, change)),
    );
  }

  /** Lets a fresher way to a host take over, where there is one. Called now and then: ages change without news. */
  reelect(): void {
    // Not `for … of`, which makes a pair of each of a thousand hosts that have one way only.
    this.#routes.forEach(({ host, upstreams }, key) => {
      if (upstreams.size > 1) this.#elect(key, host);
    });
  }

  /** The upstream that speaks for a host. */
  ownerOf(host: HostName): Upstream | undefined {
    return this.#owners.get(hostKeyOf(host));
  }

  /** The hosts that no other member leads to: those that go with it. */
  hostsOnlyVia(upstream: Upstream): HostStatus[] {
    const only = [...this.#routes.values()].filter(({ upstreams }) => upstreams.size === 1 && upstreams.has(upstream));
    return only.map(({ host }) => this.statusVia(upstream, host));
  }

  upstreams(): readonly Upstream[] {
    return [...this.#upstreams];
  }

  /** A host's status with age, clock and retry time as they are now. */
  asOfNow(status: HostStatus): HostStatus {
    const owner = this.#owners.get(hostKeyOf(status));
    return owner ? this.statusVia(owner, status) : status;
  }

  /** How old what is known of a host is now; the part of `asOfNow` that changes all the time. */
  freshness(status: HostStatus): Pick<HostStatus, "ageMs" | "asOfUnixMs"> {
    const fresh = this.#owners.get(hostKeyOf(status))?.view.freshness(status);
    if (!fresh) return { ageMs: 0n, asOfUnixMs: 0n };
    return { ageMs: BigInt(ageNow(fresh, this.#clock)), asOfUnixMs: fresh.asOfUnixMs };
  }

  /** What an upstream lets us say of a host now, and which other ways there are. */
  statusVia(upstream: Upstream, told: HostName): HostStatus {
    const status = this.#statusBy(upstream, told);
    const all = this.#routes.get(hostKeyOf(told))?.upstreams;
    // Nearly all of them, and this is made for every host of every answer.
    if (!all || (all.size === 1 && all.has(upstream))) {
      status.routes = [routeOf(upstream, status)];
      status.sources = [...sourcesBy(upstream, told)].sort();
      return status;
    }
    const others = [...all].filter((one) => one !== upstream);
    status.routes = [
      routeOf(upstream, status),
      ...this.#ways(others, told, undefined).map((way) => routeOf(way.upstream, way.status)),
    ];
    const sources = [upstream, ...others].flatMap((each) => sourcesBy(each, told));
    status.sources = [...new Set(sources)].sort();
    return status;
  }

  /** What this aggregator should tell of its members: further aggregators' own conditions, and loops. */
  conditions(): Condition[] {
    const aggregators = [...this.#upstreams].filter(({ member, link }) => member.role === "aggregator" && link.kind !== "lost");
    return aggregators.flatMap(({ member, view }) => {
      // In a loop our own would come back to us, longer each time; and no further than hosts are passed on.
      if (this.#loops(view.state.hosts())) return [loopCondition(member.name)];
      const passed = view.conditions.filter((one) => !PASSED_ON_ENOUGH.test(one.message));
      return passed.map((one) => create(ConditionSchema, { ...one, message: `${member.name}: ${one.message}` }));
    });
  }

  #statusBy(upstream: Upstream, told: HostName): HostStatus {
    const { member, view } = upstream;
    const remembered = member.role === "aggregator" && !view.isComplete ? this.#known.find(member.name, told) : undefined;
    return statusBy(upstream, told, { clock: this.#clock, ownId: this.ownId, remembered });
  }

  #ways(upstreams: readonly Upstream[], host: HostName, inUse: Upstream | undefined): Way<Upstream>[] {
    const ways = upstreams.map((upstream) => ({
      upstream,
      status: this.#statusBy(upstream, host),
      name: memberName(upstream.member),
    }));
    return orderWays(ways, inUse);
  }

  #settle(upstream: Upstream, areRowsNew: boolean): void {
    const told = this.#toldBy(upstream);
    this.#names.expects(upstream, told);
    const wanted = new Map(told.filter((host) => !this.#names.givesWay(host)).map((host) => [hostKeyOf(host), host]));
    for (const host of wanted.values()) this.#route(upstream, host, areRowsNew);
    // After the new ones were announced: a host that got its id is never absent in between.
    for (const key of this.#keysNow(upstream)) if (!wanted.has(key)) this.#unroute(key, upstream);
    this.#remember(upstream);
  }

  #takeHost(upstream: Upstream, change: HostChange): void {
    const host = change.kind === "host" ? change.status : change.key;
    const isTold = change.kind === "host" && this.#believes(upstream, change.status);
    this.#names.expectsOne(upstream, host, isTold);
    if (isTold && !this.#names.givesWay(host)) this.#route(upstream, host);
    else this.#unroute(hostKeyOf(host), upstream);
    if (upstream.member.role !== "aggregator") return;
    if (isTold) this.#known.add(upstream.member.name, change.status);
    else this.#known.remove(upstream.member.name, host);
  }

  #remember(upstream: Upstream): void {
    const { member, view } = upstream;
    if (member.role === "aggregator" && view.isComplete) this.#known.note(member.name, this.#believedOf(upstream));
  }

  // Who expects a host by name only gives way to one that knows it by its id, and takes its place again when that one goes:
  // each host is there once, whichever ways lead to it.
  #settleNames(): void {
    for (const { who, host } of this.#names.takeConcerned()) {
      if (this.#names.givesWay(host)) this.#unroute(hostKeyOf(host), who);
      else if (this.#upstreams.has(who)) this.#route(who, host);
    }
  }

  #keysNow(upstream: Upstream): string[] {
    return [...(this.#keysOf.get(upstream) ?? [])];
  }

  // The hosts an upstream told of, else those that were behind it, else the one that membership expects there.
  #toldBy(upstream: Upstream): readonly HostName[] {
    const { member, view } = upstream;
    const told = this.#believedOf(upstream);
    if (told.length > 0 || (member.role === "aggregator" && view.isComplete)) return told;
    const remembered = member.role === "aggregator" ? this.#known.of(member.name) : [];
    return remembered.length > 0 ? remembered : [{ tenantId: member.tenantId, hostId: "", host: member.name }];
  }

  #believedOf(upstream: Upstream): readonly HostStatus[] {
    return upstream.view.state.hosts().filter((host) => this.#believes(upstream, host));
  }

  // What comes back to us by a loop is our own word: it would keep a host alive that nobody else knows.
  #believes({ member }: Upstream, host: HostStatus): boolean {
    return !this.#isOurWord(host) && isMembersHost(member, host);
  }

  #isOurWord(host: HostStatus): boolean {
    return host.via.includes(this.ownId);
  }

  // Asked with every bookmark and answer, of a list that stays the same until one of its hosts changes.
  #loops(hosts: readonly HostStatus[]): boolean {
    const known = this.#looping.get(hosts) ?? hosts.some((host) => this.#isOurWord(host));
    this.#looping.set(hosts, known);
    return known;
  }

  // A row's change counts when the host goes by that upstream's word.
  #speaksFor(upstream: Upstream, change: FleetChange): boolean {
    if (this.#owners.get(hostKeyOfChange(change)) !== upstream) return false;
    return change.kind !== "upsert" || !isTooDeep(upstream, change.row);
  }

  #route(upstream: Upstream, host: HostName, areRowsNew = false): void {
    const key = hostKeyOf(host);
    const known = this.#routes.get(key);
    const route = known ?? { host, upstreams: new Set() };
    route.upstreams.add(upstream);
    this.#keysOf.set(upstream, (this.#keysOf.get(upstream) ?? new Set()).add(key));
    if (!known) {
      this.#routes.set(key, route);
      this.#names.count(host, 1);
    }
    this.#elect(key, host, areRowsNew);
  }

  #unroute(key: string, upstream: Upstream): void {
    const route = this.#routes.get(key);
    if (!route?.upstreams.delete(upstream)) return;
    this.#keysOf.get(upstream)?.delete(key);
    if (route.upstreams.size > 0) return this.#elect(key, route.host);
    this.#routes.delete(key);
    this.#owners.delete(key);
    this.#names.count(route.host, -1);
    // Who expects it by name takes its place first: it is never absent in between.
    this.#settleNames();
    this.#log.publish([{ kind: "host-removed", key: hostKeyMessage(route.host) }]);
  }

  #elect(key: string, host: HostName, areRowsNew = false): void {
    const upstreams = [...(this.#routes.get(key)?.upstreams ?? [])];
    const before = this.#owners.get(key);
    const [best] = upstreams.length > 1 ? this.#ways(upstreams, host, before).map((way) => way.upstream) : upstreams;
    if (!best) return;
    this.#owners.set(key, best);
    this.#publish(best, host, areRowsNew || best !== before);
  }

  #publish(upstream: Upstream, host: HostName, areRowsNew: boolean): void {
    const status = this.statusVia(upstream, host);
    const shown = this.#log.state.host(status);
    if (isNews(shown, status)) this.#log.publish([{ kind: "host", status }]);
    const isDeep = isTooDeep(upstream, host);
    // A link that comes or goes, or a status that is news, is no reason to look at rows that were passed on as they changed.
    if (!areRowsNew && shown !== undefined && isDeep === shown.via.length > MAX_DEPTH) return;
    const rows = isDeep ? [] : upstream.view.state.rowsOf(host).map((stored) => stored.row);
    this.#log.publish(rowChanges(this.#log.state, status, rows));
  }
}

function hostKeyOfChange(change: FleetChange): string {
  if (change.kind === "upsert") return hostKeyOf(change.row);
  if (change.kind === "delete") return hostKeyOf({ tenantId: change.key.tenantId, hostId: change.key.hostId, host: "" });
  return hostKeyOf(change.kind === "host" ? change.status : change.key);
}

// Who expects it: the membership that names its own node, or a further aggregator that told of it.
function sourcesBy({ member, view }: Upstream, told: HostName): readonly string[] {
  return member.role === "node" || view.state.host(told) === undefined ? (member.sources ?? []) : BY_AGGREGATOR;
}

const BY_AGGREGATOR = ["aggregator"];

function routeOf(upstream: Upstream, status: HostStatus): RouteMessage {
  const { state, detail, ageMs, via, address } = status;
  return { $typeName: "mosaic.fleet.v1.Route", member: memberName(upstream.member), address, state, detail, ageMs, via };
}

function loopCondition(name: string): Condition {
  const message = `aggregator ${name} tells us of hosts that it has from us: it is a member of ours, and we are one of its`;
  return create(ConditionSchema, { type: "AGGREGATOR_LOOP", message });
}

/** A message that came over as many aggregators as may stand between a host and who asks. */
const PASSED_ON_ENOUGH = /^(?:[\w.-]+: ){2}/;

type HostChange = Extract<FleetChange, { kind: "host" | "host-removed" }>;
