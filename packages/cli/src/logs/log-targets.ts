import { MosaicError } from "@mosaic/core/light";
import type { GatewayRole } from "@mosaic/lifecycle";
import type { HostStatusJson, InfoResponseJson } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import { checkScope } from "../fleet/check-scope.ts";
import { isMissingHosts } from "../fleet/ps-answer.ts";
import { toPsConditions } from "../fleet/ps-host.ts";
import { askFirst, type Place } from "../remote/endpoints.ts";
import { askHosts, listHosts } from "../remote/list-fleet.ts";

/** A daemon whose log is asked for. */
export interface LogTarget {
  /** Empty: an aggregator. */
  readonly tenantId: string;
  /** The host's name; of a further aggregator, whose name is not known, its id. */
  readonly host: string;
  /** Empty: a node. */
  readonly aggregatorId: string;
}

export interface TargetQuestion {
  readonly tenants: readonly string[];
  readonly hosts: readonly string[];
  readonly role: GatewayRole | undefined;
  readonly timeoutMs: number;
}

export interface LogTargets {
  readonly place: Place;
  readonly targets: readonly LogTarget[];
  /** False: who answers does not know every host there is. */
  readonly isWhole: boolean;
}

/** Finds whose logs there are: of every expected host in scope, and of the aggregators on the way to them.
 *  @throws MosaicError NOT_SERVED when nobody answers, NOT_HERE for a daemon that is too old, USAGE for names of what is not there */
export async function findTargets(
  places: readonly Place[],
  question: TargetQuestion,
  { remote }: CommandDeps,
): Promise<LogTargets> {
  const { place, info } = await askFirst(places, async (place) => ({
    place,
    info: await remote.unary<InfoResponseJson>(place.endpoint, "Info", {}, question.timeoutMs),
  }));
  assertShowsLogs(info);
  const everyHost = { ...question, hosts: [], isLive: false };
  const { hosts: known, conditions, scope } = await askHosts(remote, place, everyHost);
  // Of other tenants somebody may be shown that they have hosts, and no more.
  const own = scope ? known.filter(({ tenantId = "" }) => scope.tenantIds?.includes(tenantId)) : known;
  const isNamed = (name: string, id: string) =>
    question.hosts.length === 0 || question.hosts.includes(name) || question.hosts.includes(id);
  const aggregators = aggregatorsOf(info, own).filter(({ host, aggregatorId }) => isNamed(host, aggregatorId));
  const nodes = own.filter(({ host = "", hostId = "" }) => isNamed(host, hostId)).map(toTarget);
  const names = question.hosts.filter(
    (name) => !aggregators.some(({ host, aggregatorId }) => [host, aggregatorId].includes(name)),
  );
  const all = () => listHosts(remote, place, { ...everyHost, tenants: [] });
  await checkScope({ tenants: question.tenants, hosts: names }, own, all);
  const targets = [...(question.role === "aggregator" ? [] : nodes), ...(question.role === "node" ? [] : aggregators)];
  return { place, targets, isWhole: !isMissingHosts(toPsConditions(conditions, undefined)) };
}

function toTarget({ tenantId = "", host = "" }: HostStatusJson): LogTarget {
  return { tenantId, host, aggregatorId: "" };
}

function aggregatorsOf(info: InfoResponseJson, hosts: readonly HostStatusJson[]): LogTarget[] {
  if (info.role !== "ROLE_AGGREGATOR") return [];
  const { id = "", host = "" } = info;
  const further = new Set(hosts.flatMap(({ via = [] }) => via).filter((each) => each !== id));
  return [
    { tenantId: "", host, aggregatorId: id },
    ...[...further].map((each) => ({ tenantId: "", host: each, aggregatorId: each })),
  ];
}

function assertShowsLogs({ capabilities = [], host = "", version = "" }: InfoResponseJson): void {
  if (capabilities.includes("read-log")) return;
  throw new MosaicError("NOT_HERE", `the daemon on ${host || "that host"} (version ${version || "unknown"}) does not show logs`, {
    hint: "update Mosaic there, or read its log there: mosaic logs",
  });
}
