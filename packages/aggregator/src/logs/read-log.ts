import { create } from "@bufbuild/protobuf";
import { type Clock, MosaicError, type OwnLog, StreamPlaces, serveLog } from "@mosaic/core";
import { type CallContext, type FleetHandlers, fromConnectError } from "@mosaic/rpc";
import {
  type HostStatus,
  type LogSource,
  LogSourceSchema,
  type ReadLogRequest,
  ReadLogRequestSchema,
  type ReadLogResponse,
} from "@mosaic/wire";
import { type Routes, wayTo } from "../messages/message-route.ts";
import { type callOptions, relayed } from "../relay.ts";
import type { Upstream } from "../upstream.ts";
import { hostNamed } from "./host-named.ts";

export interface ReadLogDeps extends Routes {
  readonly ownLog: OwnLog;
  readonly clock: Clock;
}

/** As many as read a node's. */
const MAX_READERS = 16;
/** Each holds a connection on both sides: some who follow the logs of the whole of a fleet of some size. */
const MAX_RELAYED = 512;

/** Serves ReadLog on an aggregator: its own log under its own name, else that of the host or further aggregator that was asked for,
 *  over the member that leads there. */
export function readLogHandler(deps: ReadLogDeps, own: { readonly id: string; readonly host: string }): FleetHandlers["readLog"] {
  const places = new StreamPlaces(MAX_READERS, `readers of the log of aggregator ${own.host}`);
  const relays = new StreamPlaces(MAX_RELAYED, `logs that are read through aggregator ${own.host}`);
  const { clock } = deps;
  return (request, context) => {
    const { host, tenantId, aggregatorId } = request;
    if (host !== "" && aggregatorId !== "")
      throw new MosaicError("USAGE", `one log at a time: of host "${host}", or of aggregator "${aggregatorId}"`);
    if (host === "") assertMayAsk(context, own.host);
    if (host === "" && (aggregatorId === "" || aggregatorId === own.id)) {
      const source = { tenantId: "", host: own.host, id: own.id };
      return serveLog({ own: deps.ownLog, clock, places, source }, request, context.signal);
    }
    const way = host === "" ? wayToAggregator(deps, aggregatorId, request) : wayToHost(deps, host, tenantId);
    const onward = create(ReadLogRequestSchema, { ...request, ...way.asked, via: [...request.via, own.id] });
    return relayLog({ ...way, relays, clock }, onward, context);
  };
}

interface Onward {
  readonly name: string;
  readonly upstream: Upstream;
  readonly asked: Partial<Pick<ReadLogRequest, "tenantId" | "host">>;
  /** Whose log it is, whatever whoever sends it calls itself. */
  readonly owner: Partial<Pick<LogSource, "tenantId" | "host" | "id">>;
}

interface Relay extends Onward {
  readonly relays: StreamPlaces;
  readonly clock: Clock;
}

// A line that was read is passed on when its reader takes it: nothing is kept here for one that is slow.
async function* relayLog(
  { name, upstream, owner, relays, clock }: Relay,
  request: ReadLogRequest,
  context: CallContext,
): AsyncGenerator<ReadLogResponse> {
  using _place = relays.take();
  const open = (options: ReturnType<typeof callOptions>) => upstream.client.readLog(request, options);
  const onError = (thrown: unknown): never => {
    const error = fromConnectError(thrown, `log of ${name}`);
    if (error.code !== "NOT_HERE") throw error;
    throw new MosaicError("NOT_HERE", `the daemon of ${name} is of a version that does not show its log`, {
      hint: `update Mosaic there, or read it there: mosaic logs`,
      cause: error,
    });
  };
  for await (const response of relayed(context, open, onError)) {
    const { source } = response;
    const passedOnUnixMs = BigInt(clock.nowUnixMs());
    yield source ? { ...response, source: create(LogSourceSchema, { ...source, ...owner, passedOnUnixMs }) } : response;
  }
}

// Such a log speaks of every tenant, so that no tenant's right is enough for it, and another aggregator's certificate is not either.
function assertMayAsk({ caller }: CallContext, host: string): void {
  if (caller?.kind !== "peer") return;
  throw new MosaicError(
    "NOT_ALLOWED",
    `the log of aggregator ${host} speaks of every tenant: it is shown on its own host alone`,
    {
      hint: "read it there: mosaic logs --role aggregator",
    },
  );
}

function wayToHost(deps: ReadLogDeps, host: string, tenantId: string): Onward {
  const status = hostNamed(deps.fleetLog.state.hosts(), { tenantId, host });
  const asked = { tenantId: status.tenantId, host: status.host };
  const name = `${status.tenantId}/${status.host}`;
  const way = wayTo(deps, status);
  if (way.kind === "open") return { name, upstream: way.upstream, asked, owner: { ...asked, id: status.hostId } };
  throw new MosaicError("HOST_UNREACHABLE", `cannot read the log of ${name}: ${way.why}`, {
    hint: "see when it is tried again: mosaic host list",
  });
}

function wayToAggregator(deps: ReadLogDeps, aggregatorId: string, { via }: ReadLogRequest): Onward {
  const isOnIts = (status: HostStatus) => status.via.includes(aggregatorId);
  const behind = deps.fleetLog.state.hosts().map((status) => deps.table.asOfNow(status));
  const ways = behind.filter(isOnIts).map((status) => ({ status, upstream: deps.table.ownerOf(status) }));
  const found = ways.find(({ upstream, status }) => upstream?.member.role === "aggregator" && !status.via.some(isIn(via)));
  if (found?.upstream)
    return { name: `aggregator ${aggregatorId}`, upstream: found.upstream, asked: {}, owner: { tenantId: "", id: aggregatorId } };
  throw new MosaicError("HOST_NOT_FOUND", `no aggregator ${aggregatorId} is on the way to a host of this fleet`, {
    hint: "see who is: mosaic host describe",
  });
}

function isIn(ids: readonly string[]): (id: string) => boolean {
  return (id) => ids.includes(id);
}
