import { create } from "@bufbuild/protobuf";
import { selectsHost } from "@mosaic/core";
import { type CallContext, fromConnectError, statusNameOf } from "@mosaic/rpc";
import { type HostStatus, type Selector, SelectorSchema } from "@mosaic/wire";
import { inParallel, isRefused, withFailure } from "../live-fan-out.ts";
import type { Routes } from "../messages/message-route.ts";
import { callOptions, type PassedOn } from "../relay.ts";
import type { Upstream } from "../upstream.ts";

/** A member, and what it is asked about. */
export interface AskedMember {
  readonly upstream: Upstream;
  readonly selector: Selector;
}

/** Who is asked about the selected hosts. */
export interface Asked {
  readonly hosts: readonly HostStatus[];
  /** Those that can be asked now. */
  readonly members: readonly AskedMember[];
}

const MEMBER_DEADLINE_MS = 2000;
const CONCURRENCY = 64;

/** Finds out whom to ask about the selected hosts: each member about those that it speaks for, so that no question goes in circles
 *  between aggregators. */
export function membersFor({ fleetLog, table }: Routes, selector: Selector | undefined): Asked {
  const hosts = fleetLog.state.hosts().filter((host) => selectsHost(selector, host));
  const byOwner = Map.groupBy(hosts, (host) => table.ownerOf(host));
  const members: AskedMember[] = [];
  for (const [upstream, owned] of byOwner) {
    if (!upstream || isRefused(upstream) || upstream.link.kind === "lost") continue;
    const ids = owned.map((host) => host.hostId || host.host);
    const isNode = upstream.member.role === "node";
    const { names = [], tenantIds = [] } = selector ?? {};
    members.push({ upstream, selector: create(SelectorSchema, { names, tenantIds, hosts: isNode ? [] : ids }) });
  }
  return { hosts, members };
}

/** Asks each member, at the same time.
 *  @returns every selected host, those that did not answer with the reason */
export async function askMembers(
  { table }: Routes,
  { hosts, members }: Asked,
  context: CallContext,
  what: string,
  ask: (member: AskedMember, options: PassedOn) => Promise<void>,
): Promise<HostStatus[]> {
  const options = callOptions(context);
  const timeoutMs = Math.min(options.timeoutMs ?? MEMBER_DEADLINE_MS, MEMBER_DEADLINE_MS);
  const failed = new Map<Upstream, { code: string; detail: string; isOurs: false }>();
  await inParallel(members, CONCURRENCY, async (member) => {
    await ask(member, { ...options, timeoutMs }).catch((thrown: unknown) => {
      failed.set(member.upstream, { code: statusNameOf(thrown), detail: fromConnectError(thrown, what).message, isOurs: false });
    });
  });
  return hosts.map((host) => {
    const owner = table.ownerOf(host);
    const failure = owner && failed.get(owner);
    return failure ? withFailure(table.asOfNow(host), failure) : table.asOfNow(host);
  });
}
