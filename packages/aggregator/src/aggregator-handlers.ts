import { type Clock, type FleetLog, listPage, MosaicError, resolveAddress, serveWatch } from "@mosaic/core";
import type { FleetHandlers, LiveStreams } from "@mosaic/rpc";
import { type Agent, type AgentAddress, HostState, Role } from "@mosaic/wire";
import type { HostTable } from "./host-table.ts";
import { FAN_OUT_LIMITS, listLive } from "./live-fan-out.ts";
import { callOptions, fullAddress, relay, relayTakeover, rethrow } from "./relay.ts";
import type { Upstream } from "./upstream.ts";

export interface AggregatorHandlerDeps {
  readonly fleetLog: FleetLog;
  readonly table: HostTable;
  readonly clock: Clock;
  readonly streams: LiveStreams;
}

export interface AggregatorIdentity {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  readonly pid: number;
}

/** What an aggregator can do, by name (`Info.capabilities`). */
const AGGREGATOR_CAPABILITIES = ["aggregate", "attach", "list", "list-live", "reset", "send", "tail", "watch", "watch-terminal"];
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
    async send(request, context) {
      const { agent, upstream } = route(deps, request.agent);
      context.span.setAttribute("mosaic.agent", `${agent.tenantId}/${agent.host}/${agent.name}`);
      return await upstream.client
        .send({ ...request, agent: fullAddress(agent) }, callOptions(context))
        .catch(rethrow(agent, "send"));
    },
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
    listMessages: notYet,
    watchReceipts: notYet,
    cancelMessage: notYet,
    retryMessage: notYet,
    decide: notYet,
  };
}

function notYet(): never {
  throw new MosaicError("NOT_HERE", "this aggregator keeps no durable messages");
}

/** Finds the agent and the member to ask.
 *  @throws MosaicError AGENT_NOT_FOUND, AGENT_AMBIGUOUS, or HOST_UNREACHABLE for a host that can't be asked now */
function route(
  { fleetLog, table }: AggregatorHandlerDeps,
  address: AgentAddress | undefined,
): { agent: Agent; upstream: Upstream } {
  const wanted = { tenantId: address?.tenantId ?? "", host: address?.host ?? "", name: address?.name ?? "" };
  const rows = fleetLog.state.agents();
  const agent = resolveAddress(rows, wanted);
  const upstream = table.ownerOf(agent);
  const status = upstream && table.statusVia(upstream, agent);
  if (
    upstream &&
    (status?.state === HostState.LIVE || status?.state === HostState.STALE || status?.state === HostState.DRAINING)
  ) {
    return { agent, upstream };
  }
  const seen = status ? `, last seen ${Math.round(Number(status.ageMs) / 1000)} s ago` : "";
  throw new MosaicError(
    "HOST_UNREACHABLE",
    `cannot reach "${agent.name}": host ${agent.tenantId}/${agent.host} does not answer${seen}: ${status?.detail}`,
    {
      hint: "see when it is tried again: mosaic host list",
    },
  );
}
