import { listPage, MosaicError, serveWatch } from "@mosaic/core";
import type { FleetHandlers, LiveStreams } from "@mosaic/rpc";
import { Role } from "@mosaic/wire";
import { FAN_OUT_LIMITS, listLive } from "./live-fan-out.ts";
import { cancelMessage, listMessages, type MessageCallDeps, retryMessage, sendMessage } from "./messages/message-calls.ts";
import { route } from "./messages/message-route.ts";
import { watchReceipts } from "./messages/receipt-streams.ts";
import { callOptions, fullAddress, relay, relayTakeover, rethrow } from "./relay.ts";

export interface AggregatorHandlerDeps extends MessageCallDeps {
  readonly streams: LiveStreams;
}

export interface AggregatorIdentity {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  readonly pid: number;
}

/** What an aggregator can do, by name (`Info.capabilities`). */
const AGGREGATOR_CAPABILITIES = [
  ...["aggregate", "attach", "decide", "durable-send", "list", "list-live", "messages", "reset", "send", "tail", "watch"],
  "watch-terminal",
];
const MAX_MESSAGE_BYTES = 262_144;

/** FleetService over many members: reads come from memory, calls to an agent are passed to the member that has it. */
export function aggregatorHandlers(deps: AggregatorHandlerDeps, identity: AggregatorIdentity): FleetHandlers {
  const { fleetLog, table, clock } = deps;
  const startedAtMs = clock.monotonicMs();
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
    }),
    async list(request, { span, signal, timeoutMs }) {
      if (request.live && request.pageToken === "") {
        const deadlineMs = Math.min(timeoutMs() ?? FAN_OUT_LIMITS.deadlineMs, 30_000);
        const call = { request, traceparent: span.traceparent, signal, monotonicMs: () => clock.monotonicMs() };
        return listLive(table, fleetLog, call, { ...FAN_OUT_LIMITS, deadlineMs });
      }
      const page = listPage(fleetLog, request);
      return { ...page, hosts: page.hosts.map((host) => table.asOfNow(host)), epoch: fleetLog.epoch, rev: fleetLog.rev };
    },
    watch: (request, { signal }) =>
      serveWatch({ log: fleetLog, clock, asOfNow: (status) => table.asOfNow(status), random: Math.random }, request, signal),
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
  };
}
