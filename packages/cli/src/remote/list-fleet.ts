import type { AgentJson, CallerScopeJson, ConditionJson, HostStatusJson, ListRequestJson, ListResponseJson } from "@mosaic/wire";
import type { Place } from "./endpoints.ts";
import type { Remote } from "./remote.ts";

export interface ListQuestion {
  readonly tenants: readonly string[];
  readonly hosts: readonly string[];
  readonly isLive: boolean;
  /** 0: the server's choice. */
  readonly pageSize: number;
  readonly timeoutMs: number;
}

export interface FleetList {
  readonly agents: readonly AgentJson[];
  readonly hosts: readonly HostStatusJson[];
  /** True when the fleet changed between the pages. */
  readonly isInconsistent: boolean;
  /** What is wrong with the answerer itself. */
  readonly conditions: readonly ConditionJson[];
  /** What the caller may see. Undefined: everything. */
  readonly scope: CallerScopeJson | undefined;
}

/** Lists the fleet, page by page. The hosts are those of the last page, whose ages are the newest.
 *  @throws MosaicError as `Remote.unary` */
export async function listFleet(remote: Remote, place: Place, question: ListQuestion): Promise<FleetList> {
  const agents: AgentJson[] = [];
  let isInconsistent = false;
  for (let pageToken = ""; ; ) {
    const request: ListRequestJson = {
      selector: { tenantIds: [...question.tenants], hosts: [...question.hosts] },
      live: question.isLive,
      pageSize: question.pageSize,
      pageToken,
    };
    const page: ListResponseJson = await remote.unary(place.endpoint, "List", request, question.timeoutMs);
    for (const agent of page.agents ?? []) agents.push(agent);
    isInconsistent ||= page.inconsistentContinue ?? false;
    const next = page.nextPageToken ?? "";
    // A server that hands out the same token again would keep us here for ever.
    if (next === "" || next === pageToken) return { agents, isInconsistent, ...ofPage(page) };
    pageToken = next;
  }
}

/** Lists the hosts only. */
export async function listHosts(
  remote: Remote,
  place: Place,
  question: Omit<ListQuestion, "pageSize">,
): Promise<readonly HostStatusJson[]> {
  return (await askHosts(remote, place, question)).hosts;
}

/** Lists the hosts only, with what is wrong with the answerer itself. */
export async function askHosts(
  remote: Remote,
  place: Place,
  question: Omit<ListQuestion, "pageSize">,
): Promise<Pick<FleetList, "hosts" | "conditions" | "scope">> {
  const selector = { tenantIds: [...question.tenants], hosts: [...question.hosts] };
  // Hosts come with every page, so the smallest page there is will do.
  const request: ListRequestJson = { selector, live: question.isLive, pageSize: 1 };
  const page: ListResponseJson = await remote.unary(place.endpoint, "List", request, question.timeoutMs);
  return ofPage(page);
}

function ofPage({ hosts = [], conditions = [], scope }: ListResponseJson): Pick<FleetList, "hosts" | "conditions" | "scope"> {
  return { hosts, conditions, scope };
}
