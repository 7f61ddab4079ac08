import type { FleetClient } from "@mosaic/rpc";
import type { Role } from "@mosaic/wire";
import type { FakeHost } from "../fake-host.ts";

/** What a case is run against: one server, and the hosts behind it. */
export interface ContractContext {
  /** A client that does not check its requests, so that the server's checks are the ones that are seen. */
  readonly client: FleetClient;
  /** The same server in the Connect protocol with JSON; absent where there is no network. */
  readonly jsonClient: FleetClient | undefined;
  /** Every host that the server answers for, ordered by (tenant, host). The first is team-a's alpha. */
  readonly hosts: readonly [FakeHost, ...FakeHost[]];
  readonly role: Role;
  /** Changes the server keeps for readers that resume. */
  readonly logCapacity: number;
  /** Aborts when the case has taken too long; belongs on every call. */
  readonly signal: AbortSignal;
}

/** One promise of the contract, and how to see whether a server keeps it. */
export interface ContractCase {
  /** A claim, unique among the cases. */
  readonly name: string;
  /** Fewest hosts that the claim can be seen on. Default 1. */
  readonly minHosts?: number;
  /** True: it is about formats on a network. */
  readonly needsJson?: boolean;
  /** @throws when the promise is broken */
  readonly run: (context: ContractContext) => Promise<void>;
}

/** True when the case says something about servers of that kind. What does not apply is no gap and no skipped test. */
export function appliesTo(oneCase: ContractCase, context: Pick<ContractContext, "jsonClient" | "hosts">): boolean {
  return (oneCase.minHosts ?? 1) <= context.hosts.length && (!oneCase.needsJson || context.jsonClient !== undefined);
}
