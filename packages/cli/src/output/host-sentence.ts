import type { ListedHost } from "../fleet/host-list.ts";
import { isAnswering } from "../fleet/ps-answer.ts";
import { ageText, waitText } from "./age-text.ts";

/** How a host is, in a few words: `LIVE with 3 agents`, `UNREACHABLE, last seen 14m ago: connection refused, retry in 2s`. */
export function stateSentence(host: ListedHost): string {
  if (isAnswering(host)) return [`${host.state} with ${agentsText(host)}`, host.detail].filter((part) => part !== "").join(", ");
  const why = host.detail || host.code;
  const retry = host.retry_in_ms === null ? "" : `, retry in ${waitText(host.retry_in_ms)}`;
  const seen = host.age_ms === null ? "" : `, last seen ${ageText(host.age_ms)} ago with ${agentsText(host)}`;
  return `${host.state}${seen}${why === "" ? "" : `: ${why}`}${retry}`;
}

function agentsText({ agent_count: count }: ListedHost): string {
  return count === 0 ? "no agents" : `${count} ${count === 1 ? "agent" : "agents"}`;
}
