import { type ListedHost, toListedHost } from "./host-list.ts";
import type { PsAnswer, Via } from "./ps-answer.ts";
import type { HostReading } from "./ps-host.ts";

/** A host in `host describe --json`. */
export interface DescribedHost extends ListedHost {
  /** What its own clock shows now. Null: never heard from. */
  readonly clock_unix_ms: number | null;
  /** The host's own log revision that its rows reflect. */
  readonly as_of_rev: number;
  /** How many agents are in which state; for a host that does not answer, in which they were last. */
  readonly agents: Readonly<Record<string, number>>;
}

/** What `host describe --json` prints. The names of its fields are a contract; see describe.test.ts. */
export interface HostDescribeAnswer {
  readonly schema: "mosaic.host.describe/1";
  readonly complete: boolean;
  readonly scope: PsAnswer["scope"];
  readonly via: Via;
  /** One, or one for each tenant that has a host of the name. */
  readonly hosts: readonly DescribedHost[];
  /** What is wrong with the answerer itself, by type. */
  readonly conditions: PsAnswer["conditions"];
}

/** Puts a host and its agents into the form of the answer. */
export function toDescribedHost(reading: HostReading, { items }: PsAnswer): DescribedHost {
  const host = toListedHost(reading);
  const agents: Record<string, number> = {};
  for (const item of items) {
    if (item.tenant_id !== host.tenant_id || item.host_id !== host.host_id) continue;
    const state = item.last_state ?? item.state;
    agents[state] = (agents[state] ?? 0) + 1;
  }
  const { asOfUnixMs, ageMs, status } = reading;
  return {
    ...host,
    clock_unix_ms: asOfUnixMs === 0 ? null : asOfUnixMs + ageMs,
    as_of_rev: Number(status.asOfRev ?? 0),
    agents,
  };
}
