import { formatAddress } from "@mosaic/core/light";
import type { TextView } from "../command.ts";
import { silentHosts, type Verdict } from "../fleet/verify-answer.ts";
import { belowTable } from "./below-table.ts";
import { plainText } from "./plain-text.ts";
import { hostLine, stepText } from "./status-text.ts";

/** One line for each agent that is not live and each host that has something to say, and a last line with the sum. */
export function verifyText({ answer, judged }: Verdict, { style, columns }: TextView): string {
  const isFar = answer.via === "aggregator";
  const agents = judged
    .filter(({ item }) => !item.live)
    .map((each) => {
      const { tenant_id: tenantId, host, name, why } = each.item;
      const step = stepText(each, isFar);
      const told = plainText(`${formatAddress({ tenantId, host, name })}: ${why}`);
      return `${style("bad", "not live")}  ${told}${step === "" ? "" : `; next: ${step}`}`;
    });
  const below = [...answer.hosts.flatMap((host) => hostLine(host, style)), sumOf({ answer })];
  return `${[...agents, ...belowTable(below, columns)].join("\n")}\n`;
}

function sumOf({ answer }: Pick<Verdict, "answer">): string {
  const total = answer.items.length;
  const live = answer.items.filter((item) => item.live).length;
  const silent = silentHosts(answer).length;
  const gap = silent === 0 ? "" : ` INCOMPLETE: ${silent} of ${answer.hosts.length} hosts did not answer.`;
  const via = answer.via === "direct" ? " via: direct (without a node)." : "";
  if (answer.hosts.length === 0) return "There is no host to verify.";
  if (total === 0) return `There is no core agent to verify.${gap}${via}`;
  return `${live} of ${total} ${total === 1 ? "agent is" : "agents are"} live.${gap}${via}`;
}
