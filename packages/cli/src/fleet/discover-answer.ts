import type { DiscoveredDaemon, Discovery } from "@mosaic/discovery";
import type { HostStatusJson } from "@mosaic/wire";

/** A daemon in `gateway discover --json`. Everything but the last two fields is what somebody on the network says. */
export interface DiscoveredItem {
  readonly instance: string;
  /** Null: it says none that we know. */
  readonly role: "node" | "aggregator" | null;
  readonly protocol_version: number | null;
  readonly id_hash: string | null;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly links: readonly { readonly interface: string; readonly family: "ipv4" | "ipv6" }[];
  readonly loopback_only: boolean;
  /** Null: nobody who knows the fleet answers. */
  readonly enrolled: boolean | null;
  /** The expected host whose id it claims; null for an aggregator, and for who is not enrolled. */
  readonly host: { readonly tenant_id: string; readonly host: string } | null;
}

/** What `gateway discover --json` prints. The names of its fields are a contract; see discover-answer.test.ts. */
export interface DiscoverAnswer {
  readonly schema: "mosaic.gateway.discover/1";
  /** False: not every link could be looked on, it was interrupted, or nobody was found. */
  readonly complete: boolean;
  readonly by: "avahi" | "in-process";
  readonly interfaces: readonly string[];
  readonly problems: readonly string[];
  /** How often something was left out because there was too much of it. */
  readonly left_out_count: number;
  readonly items: readonly DiscoveredItem[];
}

/** Puts what was found beside what is expected.
 *  @param hosts every expected host; undefined: nobody who knows the fleet answers
 *  @param idHashOf how an id is told to strangers */
export function toDiscoverAnswer(
  discovery: Discovery,
  hosts: readonly HostStatusJson[] | undefined,
  idHashOf: (id: string) => string,
  wasInterrupted: boolean,
): DiscoverAnswer {
  const { daemons, problems, leftOutCount, by, interfaceNames } = discovery;
  const known = hosts === undefined ? undefined : indexOf(hosts, idHashOf);
  return {
    schema: "mosaic.gateway.discover/1",
    complete: daemons.length > 0 && problems.length === 0 && leftOutCount === 0 && !wasInterrupted,
    by,
    interfaces: interfaceNames,
    problems: problems.map(({ reason }) => reason),
    left_out_count: leftOutCount,
    items: daemons.map((daemon) => toItem(daemon, known)),
  };
}

interface Known {
  readonly hosts: ReadonlyMap<string, HostStatusJson>;
  readonly aggregators: ReadonlySet<string>;
}

function indexOf(hosts: readonly HostStatusJson[], idHashOf: (id: string) => string): Known {
  const named = hosts.filter((host) => (host.hostId ?? "") !== "");
  return {
    hosts: new Map(named.map((host) => [idHashOf(host.hostId ?? ""), host])),
    aggregators: new Set(hosts.flatMap((host) => host.via ?? []).map(idHashOf)),
  };
}

function toItem(daemon: DiscoveredDaemon, known: Known | undefined): DiscoveredItem {
  const { instance, role, protocolVersion, idHash, port, addresses, links, isLoopbackOnly } = daemon;
  const host = role === "aggregator" ? undefined : known?.hosts.get(idHash ?? "");
  const isKnownAggregator = role === "aggregator" && known?.aggregators.has(idHash ?? "") === true;
  return {
    instance,
    role: role ?? null,
    protocol_version: protocolVersion ?? null,
    id_hash: idHash ?? null,
    port,
    addresses,
    links: links.map(({ interfaceName, family }) => ({ interface: interfaceName, family })),
    loopback_only: isLoopbackOnly,
    enrolled: known === undefined ? null : host !== undefined || isKnownAggregator,
    host: host === undefined ? null : { tenant_id: host.tenantId ?? "", host: host.host ?? "" },
  };
}
