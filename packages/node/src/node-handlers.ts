import {
  type Clock,
  type Counters,
  type EventJournal,
  type FleetLog,
  listPage,
  MosaicError,
  PinnedLists,
  resolveAddress,
  selectsHost,
  serveWatch,
  type TerminalServer,
} from "@mosaic/core";
import type { FleetHandlers, LiveStreams } from "@mosaic/rpc";
import { type Agent, type AgentAddress, type ListRequest, Role } from "@mosaic/wire";
import type { AgentSide } from "./agent-side.ts";
import { type AttachDeps, attachPane } from "./attach.ts";
import { cancelMessage, listMessages, retryMessage } from "./delivery/message-calls.ts";
import { watchReceipts } from "./delivery/watch-receipts.ts";
import { presenceHandler } from "./events/node-presence.ts";
import { watchEventsHandler } from "./events/watch-events.ts";
import { type ReadLogDeps, readLogHandler } from "./logs/read-log.ts";
import type { PlaneWatcher } from "./plane-watcher.ts";
import { type ResetDeps, resetAgent } from "./reset.ts";
import { tailPane, watchPane } from "./terminal-streams.ts";

export interface NodeHandlerDeps extends AttachDeps, ResetDeps, ReadLogDeps {
  readonly fleetLog: FleetLog;
  readonly watcher: PlaneWatcher;
  readonly agentSide: AgentSide;
  readonly terminal: TerminalServer;
  readonly clock: Clock;
  readonly streams: LiveStreams;
  readonly counters: Counters;
  /** What happened by itself. Absent: nothing of it is kept. */
  readonly events?: EventJournal | undefined;
}

export interface NodeIdentity {
  readonly tenantId: string;
  readonly host: string;
  readonly hostId: string;
  readonly version: string;
  readonly pid: number;
}

/** What a node can do, by name (`Info.capabilities`). */
const NODE_CAPABILITIES = [
  ...["attach", "durable-send", "heartbeat", "list", "messages", "read-log", "reset", "send", "tail", "watch"],
  "watch-terminal",
];
/** Most bytes of text in one message; the proto says the same. */
const MAX_MESSAGE_BYTES = 262_144;

/** FleetService of one host and tenant, over its planes. */
export function nodeHandlers(deps: NodeHandlerDeps, identity: NodeIdentity): FleetHandlers {
  const { fleetLog, watcher, clock, counters } = deps;
  const startedAtMs = clock.monotonicMs();
  const pins = new PinnedLists(clock);
  const { inbox } = deps.delivery;
  const messageDeps = { inbox, audit: deps.audit, clock, wake: (agentName: string) => deps.delivery.wake(agentName) };
  const { events } = deps;
  const more = [...(deps.agentSide.decisions ? ["decide"] : []), ...(events ? ["events"] : [])];
  const capabilities = [...NODE_CAPABILITIES, ...more].sort();
  const resolve = (address: AgentAddress | undefined) => resolveRow(fleetLog, address);
  const withTerminal = (address: AgentAddress | undefined) => assertHasTerminal(resolve(address));
  return {
    info: () => ({
      role: Role.NODE,
      version: identity.version,
      protocolVersion: 1,
      capabilities,
      tenantId: identity.tenantId,
      host: identity.host,
      id: identity.hostId,
      epoch: fleetLog.epoch,
      uptimeMs: BigInt(Math.round(clock.monotonicMs() - startedAtMs)),
      pid: identity.pid,
      liveStreams: deps.streams.counts(),
      maxMessageBytes: MAX_MESSAGE_BYTES,
      counters: { ...counters.all(), leaked_handlers: BigInt(deps.streams.leaked) },
    }),
    async list(request: ListRequest) {
      if (request.live) await watcher.refresh();
      return listPage(fleetLog, request, { asOfNow: () => watcher.status(), pins });
    },
    watch: (request, { signal }) =>
      serveWatch(
        {
          ...{ log: fleetLog, clock, asOfNow: () => watcher.status(), counters, random: Math.random },
          stopping: deps.streams.stopping,
        },
        request,
        signal,
      ),
    async heartbeat(request, { carrier }) {
      if (carrier === "tcp" || carrier === "tls") {
        throw new MosaicError("NOT_ALLOWED", "heartbeats are taken on the node's Unix socket only", {
          hint: "report to the socket that MOSAIC_NODE_SOCKET names",
        });
      }
      return { intervalMs: await deps.agentSide.reports.call(request, clock.nowUnixMs()) };
    },
    async send(request, { span, signal }) {
      const agent = resolve(request.agent);
      span.setAttribute("mosaic.agent", `${agent.tenantId}/${agent.host}/${agent.name}`);
      const receipt = await deps.delivery.send(request, agent, span, signal);
      // Its own deadline is over, or nobody listens: a receipt now would be a matter of who is quicker.
      signal.throwIfAborted();
      return { receipt };
    },
    tail: (request, { signal }) => tailPane(deps, withTerminal(request.agent), request, signal),
    watchTerminal: (request, { signal }) => watchPane(deps, withTerminal(request.agent), request, signal),
    attachTerminal: (takeover, context) => attachPane(deps, withTerminal(takeover.open.agent), takeover, context),
    async reset(request, { span, signal }) {
      const agent = resolve(request.agent);
      span.setAttribute("mosaic.agent", `${agent.tenantId}/${agent.host}/${agent.name}`);
      return await resetAgent(deps, agent, request, span, signal);
    },
    async listMessages(request) {
      return { ...listMessages(inbox, request), hosts: [watcher.status()].filter((host) => selectsHost(request.selector, host)) };
    },
    watchEvents: watchEventsHandler({ events, status: () => watcher.status() }),
    presence: presenceHandler({ fleetLog, clock, streams: deps.streams, status: () => watcher.status(), identity, startedAtMs }),
    watchReceipts: (request, { signal }) => watchReceipts(inbox, request, signal),
    cancelMessage: async (request) => ({ receipt: await cancelMessage(messageDeps, request) }),
    retryMessage: async (request) => ({ receipt: await retryMessage(messageDeps, request) }),
    async decide(request, { signal }) {
      const { decisions } = deps.agentSide;
      if (decisions) return await decisions.decide(resolve(request.agent), request, signal);
      throw new MosaicError("NOT_HERE", "this node hears no hooks, so that nothing can be answered");
    },
    addHost: async () => keepsNoMembership(),
    removeHost: async () => keepsNoMembership(),
    drainHost: async () => keepsNoMembership(),
    readLog: readLogHandler(deps, identity),
  };
}

function keepsNoMembership(): never {
  throw new MosaicError("NOT_HERE", "a node speaks for its own host and keeps no membership", {
    hint: "ask the aggregator: mosaic host list --all-hosts, or name it with --endpoint",
  });
}

function resolveRow(fleetLog: FleetLog, address: AgentAddress | undefined): Agent {
  const wanted = { tenantId: address?.tenantId ?? "", host: address?.host ?? "", name: address?.name ?? "" };
  return resolveAddress(fleetLog.state.agents(), wanted);
}

function assertHasTerminal(agent: Agent): Agent {
  if (agent.pane) return agent;
  throw new MosaicError("AGENT_NOT_RUNNING", `cannot show "${agent.name}" on ${agent.host}: it has no terminal`, {
    hint: "see its state: mosaic fleet ps",
  });
}
