import type { PsAnswer } from "../fleet/ps-answer.ts";

/** The answer as JSON lines: hosts, then agents, then a summary. Who does not read a summary has not read everything. */
export function* psLines(answer: PsAnswer): Iterable<object> {
  const { schema, complete, scope, via, hosts, items, conditions } = answer;
  for (const host of hosts) yield { schema, type: "host", ...host };
  for (const item of items) yield { schema, type: "item", ...item };
  yield { schema, type: "summary", complete, scope, via, host_count: hosts.length, item_count: items.length, conditions };
}
