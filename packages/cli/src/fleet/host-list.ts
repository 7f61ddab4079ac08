import type { RouteJson } from "@mosaic/wire";
import { meshWord } from "./enum-text.ts";
import type { PsAnswer, Via } from "./ps-answer.ts";
import { type HostReading, type PsHost, toPsHost } from "./ps-host.ts";

/** A host in `host list --json`. */
export interface ListedHost extends PsHost {
  /** Version of the node's software; empty: never heard from. */
  readonly version: string;
  /** Who expects it: `file`, `command`, `dns-srv`, `aggregator`. Empty: it answered itself. */
  readonly sources: readonly string[];
  /** Every way to it, the one in use first. Empty: it answered itself. */
  readonly routes: readonly HostRoute[];
}

/** One way to a host. */
export interface HostRoute {
  /** The member that leads to it: `tenant/host`, or an aggregator's name. */
  readonly member: string;
  readonly address: string;
  readonly state: string;
  readonly detail: string;
  readonly age_ms: number;
  readonly via: readonly string[];
}

/** What `host list --json` prints. The names of its fields are a contract; see list.test.ts. */
export interface HostListAnswer {
  readonly schema: "mosaic.host.list/1";
  readonly complete: boolean;
  readonly scope: { readonly tenants: readonly string[]; readonly hosts?: readonly string[] };
  readonly via: Via;
  readonly hosts: readonly ListedHost[];
  /** What is wrong with the answerer itself, by type. */
  readonly conditions: PsAnswer["conditions"];
}

/** Puts a host's status into the form of the list. */
export function toListedHost(reading: HostReading): ListedHost {
  const { version = "", sources = [], routes = [] } = reading.status;
  return { ...toPsHost(reading), version, sources, routes: routes.map(toRoute) };
}

function toRoute({ member = "", address = "", state, detail = "", ageMs = "0", via = [] }: RouteJson): HostRoute {
  return { member, address, state: meshWord(state, "HOST_STATE_"), detail, age_ms: Number(ageMs), via };
}
