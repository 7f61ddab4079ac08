import {
  Counters,
  type EventJournal,
  FleetLog,
  LogRing,
  type MessageStore,
  type OwnLog,
  PinnedLists,
  type Tracer,
} from "@mosaic/core";
import type { PassText } from "@mosaic/core/guardrails";
import type { Address, Member } from "@mosaic/core/membership";
import {
  type ConnectFleetOptions,
  connectInMemory,
  type DialledIn,
  type Endpoint,
  type FleetConnection,
  LiveStreams,
  type Metrics,
  meterFleet,
  openDialInDoor,
  openReception,
  serveFleet,
} from "@mosaic/rpc";
import type { Condition, HostStatus } from "@mosaic/wire";
import { aggregatorHandlers } from "./aggregator-handlers.ts";
import { type DialInName, DialIns } from "./dial-ins.ts";
import { startAggregatorEvents } from "./events/start-aggregator-events.ts";
import { FanOut } from "./fan-out/fan-out.ts";
import { fairHandlers } from "./guard/fair-handlers.ts";
import type { Walls } from "./guard/open-walls.ts";
import { renewLinks } from "./guard/renew-links.ts";
import { scopedHandlers } from "./guard/scoped-handlers.ts";
import { TenantTurns } from "./guard/tenant-turns.ts";
import { HostTable } from "./host-table.ts";
import type { KnownHosts } from "./known-hosts.ts";
import { MemberSet } from "./member-set.ts";
import { Membership, type MembershipDeps } from "./membership/membership.ts";
import { startFollower } from "./messages/follower.ts";
import { startForwarder } from "./messages/forwarder.ts";
import { wayTo } from "./messages/message-route.ts";
import { hostOf } from "./messages/open-messages.ts";
import { Outbox } from "./messages/outbox.ts";
import { ownConditions } from "./own-conditions.ts";
import { startReelection } from "./reelection.ts";

export interface StartAggregatorDeps extends MembershipDeps {
  readonly tracer: Tracer;
  /** Where calls, messages and states are counted. Absent: nowhere. The caller disposes it, after the aggregator. */
  readonly metrics?: Metrics | undefined;
  /** What texts for agents pass before they are stored. Absent: nothing. */
  readonly passText?: PassText | undefined;
  readonly newId: () => string;
  /** Keeps what was sent until its host has it. Whoever opened it closes it. */
  readonly store: MessageStore;
  /** Opens a connection to a member at one of its addresses. */
  readonly connect: (endpoint: Endpoint, member: Member) => FleetConnection;
  /** Who this aggregator is and what callers may see and do. Absent: whoever reaches it may do anything. */
  readonly walls?: Walls | undefined;
  /** Remembers the hosts behind further aggregators over restarts. Default: nobody does. Whoever opened it closes it. */
  readonly knownHosts?: KnownHosts | undefined;
  /** This process's own log, to be shown to who asks for it. Default: an empty one. */
  readonly ownLog?: OwnLog | undefined;
  /** Where is kept what happens by itself. Default: nowhere. Whoever opened it closes it. */
  readonly events?: EventJournal | undefined;
  /** Conditions of what runs beside it, as of now. Default: none. */
  readonly moreConditions?: () => readonly Condition[];
}

export interface StartAggregatorOptions {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  readonly pid: number;
  readonly listen: readonly Endpoint[];
  /** Where hosts that can't be reached dial in. Default: nowhere. */
  readonly dialIn?: readonly Endpoint[];
  readonly pingIntervalMs?: number;
  /** Changes kept for readers that resume. Default: the log's own. */
  readonly logCapacity?: number;
  /** Path of the membership file, for people. Default: `hosts.yaml`. */
  readonly membershipPath?: string;
  /** The DNS service whose SRV records name addresses of expected hosts. Default: none. */
  readonly srvService?: string | undefined;
}

export interface RunningAggregator extends AsyncDisposable {
  readonly endpoints: readonly Endpoint[];
  /** A client in this process, over no network. The caller disposes it. */
  connect(options?: ConnectFleetOptions): FleetConnection;
}

/** Starts an aggregator: membership, one upstream per member, the server. It answers at once; a host that was not heard
 *  from yet is WARMING, never absent. Disposing stops everything in reverse. */
export async function startAggregator(deps: StartAggregatorDeps, options: StartAggregatorOptions): Promise<RunningAggregator> {
  const stack = new AsyncDisposableStack();
  try {
    const fleetLog = new FleetLog({ epoch: deps.newId(), ...(options.logCapacity ? { capacity: options.logCapacity } : {}) });
    const counters = new Counters();
    const fanOut = new FanOut({ ...deps, counters });
    const pins = new PinnedLists(deps.clock);
    const table = new HostTable(fleetLog, deps.clock, options.id, deps.knownHosts);
    stack.use(startReelection(table, deps.clock));
    const outbox = stack.use(new Outbox(deps));
    const dialIns = new DialIns((host) => isExpectedToDial(members.upstreamOf({ ...host, role: "node" })?.member, host));
    const connect = (address: Address, member: Member) =>
      address.kind === "dial-in" ? dialIns.connect(member) : deps.connect(address, member);
    const members = stack.use(new MemberSet({ ...deps, connect, handshakes: fanOut.handshakes }, table, options.id));
    if (deps.walls) stack.use(renewLinks(deps.walls.tls.identity, () => members.upstreams, deps.clock));
    stack.use(dialIns.onArrival((host) => members.upstreamOf({ ...host, role: "node" })?.retryNow()));
    // After the members, so that it ends before them.
    const forwarder = stack.use(startForwarder({ ...deps, fleetLog, table, outbox }));
    const follower = stack.use(startFollower({ ...deps, fleetLog, table, outbox }));
    stack.use(
      outbox.onChange((message) => {
        if (message.carriedBy !== undefined) return;
        forwarder.notice(message);
        follower.wake(message);
      }),
    );
    deps.store.carryOnly?.(({ receipt }) => wayTo({ fleetLog, table }, hostOf(receipt)).kind === "open");
    stack.use(
      members.onLink(() => {
        forwarder.wake();
        follower.wake();
      }),
    );
    const sources = { path: options.membershipPath ?? "hosts.yaml", srvService: options.srvService };
    const membership = stack.use(await Membership.open(deps, sources));
    stack.use(membership.onChange(() => void members.follow(membership.members)));
    await members.follow(membership.members);
    const streams = new LiveStreams();
    const { clock, audit } = deps;
    const ownLog: OwnLog = deps.ownLog ?? { ring: new LogRing({ epoch: deps.newId() }), role: "aggregator" };
    const served = {
      ownLog,
      fleetLog,
      table,
      clock,
      audit,
      streams,
      outbox,
      forwarder,
      membership,
      members,
      fanOut,
      pins,
      counters,
      passText: deps.passText,
      events: deps.events,
      moreConditions: deps.moreConditions,
    };
    const everything = aggregatorHandlers(served, options);
    const { metrics, store } = deps;
    const { version } = options;
    const conditions = ownConditions(served, clock.monotonicMs());
    const asOfNow = (status: HostStatus) => table.asOfNow(status);
    const metered = { role: "aggregator", version, fleetLog, asOfNow, conditions, store, streams, counters } as const;
    if (metrics) stack.use(meterFleet(metrics, metered));
    const { host } = options;
    if (deps.events) stack.use(startAggregatorEvents({ journal: deps.events, clock, fleetLog, conditions, host, version }));
    const { walls } = deps;
    const receiptOf = (messageId: string) => outbox.get(messageId)?.receipt;
    const scopedBy = (policy: Walls["policy"]) => scopedHandlers(everything, { fleetLog, policy, receiptOf });
    const handlers = walls ? fairHandlers(scopedBy(walls.policy), new TenantTurns()) : everything;
    const onHost = (host: DialledIn) => dialIns.take(host);
    const judge = walls?.door;
    const reception = judge && stack.use(openReception({ log: deps.log, tracer: deps.tracer, onHost, judge }));
    const tls = walls && { ...walls.tls, onReverse: reception?.receive };
    const guarded = { tls, guard: walls?.guard };
    const observed = { tracer: deps.tracer, metrics, log: deps.log };
    const server = stack.use(await serveFleet({ ...options, ...guarded, ...observed, handlers, streams }));
    for (const listen of options.dialIn ?? []) {
      stack.use(await openDialInDoor({ listen, log: deps.log, tracer: deps.tracer, onHost }));
    }
    deps.log.info({ members: membership.members.length, id: options.id }, "aggregator is serving");
    return {
      endpoints: server.endpoints,
      connect: (connectOptions) => connectInMemory(handlers, connectOptions, { streams, tracer: deps.tracer, log: deps.log }),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}

// Where the id is known nobody else takes the name's place, not even a host of the same tenant.
function isExpectedToDial(member: Member | undefined, { hostId }: DialInName): boolean {
  if (member?.hostId !== undefined && member.hostId !== hostId) return false;
  return member?.addresses.some(({ kind }) => kind === "dial-in") === true;
}
