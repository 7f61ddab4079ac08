import { hostKeyOf, MosaicError } from "@mosaic/core";
import { encodedSize, fromConnectError, statusNameOf } from "@mosaic/rpc";
import type { Agent, HostStatus, Selector } from "@mosaic/wire";
import type { Upstream } from "../upstream.ts";

/** What a member said to a live question, or why it said nothing. */
export type Heard =
  | {
      readonly kind: "answer";
      /** By host key, and those without an id by name as well. */
      readonly hosts: ReadonlyMap<string, HostStatus>;
      /** By host key. */
      readonly rows: ReadonlyMap<string, readonly Agent[]>;
      /** True when it had more rows than were taken. */
      readonly isCut: boolean;
    }
  | HeardFailure;

export interface HeardFailure {
  readonly kind: "failure";
  /** gRPC status name. */
  readonly code: string;
  readonly detail: string;
  /** True: we did not get to ask, which is no fault of the member's. */
  readonly isOurs: boolean;
  /** When the way is tried again, in ms, where that is known. */
  readonly retryInMs?: number;
}

export interface Asking {
  readonly selector: Selector | undefined;
  /** The ids of the aggregators that it is asked by, ours last. */
  readonly via: readonly string[];
  readonly traceparent: string | undefined;
  /** Ends the asking; aborted with a MosaicError where that says why. */
  readonly signal: AbortSignal;
  /** Told to the member as its deadline, in ms. */
  readonly timeoutMs: number;
  /** Rows of more bytes are not fetched. */
  readonly maxBytes: number;
}

/** Asks one member for what it and those behind it have now. A node's one page is what a host may say; of a further aggregator
 *  every page is read.
 *  @throws what the call failed with */
export async function askMember({ member, client }: Upstream, asking: Asking): Promise<Extract<Heard, { kind: "answer" }>> {
  const headers = asking.traceparent ? { traceparent: asking.traceparent } : {};
  const { selector, timeoutMs, signal } = asking;
  // A node passes nothing on.
  const via = member.role === "aggregator" ? [...asking.via] : [];
  const rows: Agent[] = [];
  let hosts: readonly HostStatus[] = [];
  let bytes = 0;
  for (let pageToken = ""; ; ) {
    const page = await client.list({ live: true, selector, pageToken, via }, { timeoutMs, signal, headers });
    for (const row of page.agents) rows.push(row);
    bytes += page.agents.reduce((sum, row) => sum + encodedSize(row), 0);
    hosts = page.hosts;
    const next = page.nextPageToken;
    const isCut = next !== "" && (member.role === "node" || bytes >= asking.maxBytes || next === pageToken);
    if (next === "" || isCut) return { kind: "answer", rows: Map.groupBy(rows, hostKeyOf), hosts: byName(hosts), isCut };
    pageToken = next;
  }
}

// A host that was never heard from is known by its name only; its own answer is the first to tell its id.
function byName(hosts: readonly HostStatus[]): Map<string, HostStatus> {
  const named = hosts.map((host) => [hostKeyOf({ ...host, hostId: "" }), host] as const);
  return new Map([...named, ...hosts.map((host) => [hostKeyOf(host), host] as const)]);
}

/** Puts what a call failed with into words. */
export function failureOf(thrown: unknown, signal: AbortSignal, timeoutMs: number): HeardFailure {
  const reason = signal.aborted && signal.reason instanceof MosaicError ? signal.reason : thrown;
  const code = statusNameOf(reason);
  const detail =
    code === "DEADLINE_EXCEEDED" ? `did not answer within ${timeoutMs} ms` : fromConnectError(reason, "list").message;
  return { kind: "failure", code, detail, isOurs: false };
}
