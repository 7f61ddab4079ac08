import { type Counters, type EventJournal, listPage, MosaicError, type PinnedLists, serveWatch } from "@mosaic/core";
import type { FleetHandlers, LiveStreams } from "@mosaic/rpc";
import { type Condition, type HostStatus, Role } from "@mosaic/wire";
import { fleetEvents } from "./events/fleet-events.ts";
import { fleetPresence } from "./events/fleet-presence.ts";
import type { FanOut } from "./fan-out/fan-out.ts";
import { LiveQueries } from "./live-query.ts";
import { type ReadLogDeps, readLogHandler } from "./logs/read-log.ts";
import type { MemberSet } from "./member-set.ts";
import type { Membership } from "./membership/membership.ts";
import { addHost, drainHost, removeHost } from "./membership/membership-calls.ts";
import { cancelMessage, listMessages, type MessageCallDeps, retryMessage, sendMessage } from "./messages/message-calls.ts";
import { route } from "./messages/message-route.ts";
import { watchReceipts } from "./messages/receipt-streams.ts";
import { ownConditions } from "./own-conditions.ts";
import { callOptions, fullAddress, relay, relayTakeover, rethrow } from "./relay.ts";

export interface AggregatorHandlerDeps extends MessageCallDeps, ReadLogDeps {
  readonly streams: LiveStreams;
  readonly membership: Membership;
  readonly members: MemberSet;
  readonly fanOut: FanOut;
  readonly pins: PinnedLists;
  readonly counters: Counters;
  /** What happened by itself. Absent: nothing of it is kept here. */
  readonly events?: EventJournal | undefined;
  readonly moreConditions?: (() => readonly Condition[]) | undefined;
}

export interface AggregatorIdentity {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  readonly pid: number;
}

/** What an aggregator can do, by name (`Info.capabilities`). */
const AGGREGATOR_CAPABILITIES = [
  ...["aggregate", "attach", "decide", "durable-send", "events", "list", "list-live", "membership", "messages", "presence"],
  ...["read-log", "reset", "send", "tail", "watch", "watch-terminal"],
];
const MAX_MESSAGE_BYTES = 262_144;

/** FleetService over many members: reads come from memory, calls to an agent are passed to the member that has it. */
export function aggregatorHandlers(deps: AggregatorHandlerDeps, identity: AggregatorIdentity): FleetHandlers {
  const { fleetLog, table, clock } = deps;
  const membershipCalls = { ...deps, nowUnixMs: () => clock.nowUnixMs() };
  const startedAtMs = clock.monotonicMs();
  const liveQueries = new LiveQueries(deps);
  const conditions = ownConditions(deps, startedAtMs);
  const asOfNow = (status: HostStatus) => table.asOfNow(status);
  const freshness = (status: HostStatus) => table.freshness(status);
  return {
    info: () => ({
      role: Role.AGGREGATOR,
      version: identity.version,
      protocolVersion: 1,
      capabilities: AGGREGATOR_CAPABILITIES,
      host: identity.host,
      id: identity.id,
      epoch: fleetLog.epoch,
      uptimeMs: BigInt(Math.round(clock.monotonicMs() - startedAtMs)),
      pid: identity.pid,
      liveStreams: deps.streams.counts(),
      maxMessageBytes: MAX_MESSAGE_BYTES,
      counters: { ...deps.counters.all(), leaked_handlers: BigInt(deps.streams.leaked) },
    }),
    async list(request, context) {
      const isAsking = request.live && request.pageToken === "";
      const page = isAsking
        ? await liveQueries.list(request, context)
        : listPage(fleetLog, request, { asOfNow, pins: deps.pins });
      return { ...page, conditions: conditions() };
    },
    watch: (request, { signal }) =>
      serveWatch(
        {
          ...{ log: fleetLog, clock, asOfNow, freshness, conditions, counters: deps.counters, random: Math.random },
          stopping: deps.streams.stopping,
        },
        request,
        signal,
      ),
    async heartbeat() {
      throw new MosaicError("NOT_HERE", "an aggregator takes no heartbeats", {
        hint: "report to the node of the agent's own host, on its Unix socket",
      });
    },
    send: async (request, context) => ({ receipt: await sendMessage(deps, request, context) }),
    tail: (request, context) => {
      const { agent, upstream } = route(deps, request.agent);
      return relay(agent, "tail", context, (options) => upstream.client.tail({ ...request, agent: fullAddress(agent) }, options));
    },
    watchTerminal: (request, context) => {
      const { agent, upstream } = route(deps, request.agent);
      return relay(agent, "watch", context, (options) =>
        upstream.client.watchTerminal({ ...request, agent: fullAddress(agent) }, options),
      );
    },
    attachTerminal: (takeover, context) => {
      const { agent, upstream } = route(deps, takeover.open.agent);
      return relayTakeover(takeover, agent, upstream, context);
    },
    async reset(request, context) {
      const { agent, upstream } = route(deps, request.agent);
      context.span.setAttribute("mosaic.agent", `${agent.tenantId}/${agent.host}/${agent.name}`);
      return await upstream.client
        .reset({ ...request, agent: fullAddress(agent) }, callOptions(context))
        .catch(rethrow(agent, "reset"));
    },
    listMessages: (request, context) => listMessages(deps, request, context),
    watchEvents: (request, context) => fleetEvents(deps, identity.id, request, context),
    presence(request, context) {
      const { id, host, version } = identity;
      const uptimeMs = Math.round(clock.monotonicMs() - startedAtMs);
      return fleetPresence(deps, { id, role: "aggregator", tenantId: "", host, version, uptimeMs }, request, context);
    },
    watchReceipts: (request, context) => watchReceipts(deps, request, context),
    cancelMessage: async (request, context) => ({ receipt: await cancelMessage(deps, request, context) }),
    retryMessage: async (request, context) => ({ receipt: await retryMessage(deps, request, context) }),
    async decide(request, context) {
      const { agent, upstream } = route(deps, request.agent);
      context.span.setAttribute("mosaic.agent", `${agent.tenantId}/${agent.host}/${agent.name}`);
      return await upstream.client
        .decide({ ...request, agent: fullAddress(agent) }, callOptions(context))
        .catch(rethrow(agent, "decide"));
    },
    addHost: (request) => addHost(membershipCalls, request),
    removeHost: (request) => removeHost(membershipCalls, request),
    drainHost: (request) => drainHost(membershipCalls, request),
    readLog: readLogHandler(deps, identity),
  };
}
