import type { TextView } from "../command.ts";
import { isTooOld, type PsAnswer } from "../fleet/ps-answer.ts";
import type { PsHost } from "../fleet/ps-host.ts";
import type { PsItem } from "../fleet/ps-item.ts";
import { belowTable } from "./below-table.ts";
import { agentCells, PS_COLUMNS } from "./ps-agent-row.ts";
import { answererLines, psFooter, scopeLines } from "./ps-footer.ts";
import { hostRemark } from "./ps-host-remark.ts";
import { renderTable, type TableRow } from "./table.ts";

export interface PsTableOptions {
  readonly maxAgeMs: number | undefined;
}

/** Draws a fleet for people: one line per agent, one more per host that has something to say, and a last line that says
 *  whether this is everything. */
export function psTable(answer: PsAnswer, options: PsTableOptions, view: TextView): string {
  const { lines, remarks, footer } = psTableLines(answer, options, view);
  return `${[...lines, ...belowTable([...remarks, footer], view.columns)].join("\n")}\n`;
}

export interface PsTableLines {
  /** The header first; none for a fleet without hosts. */
  readonly lines: readonly string[];
  /** What is wrong with who answers. */
  readonly remarks: readonly string[];
  readonly footer: string;
}

/** The same in pieces, for a screen that has to choose what fits. */
export function psTableLines(answer: PsAnswer, options: PsTableOptions, view: TextView): PsTableLines {
  const rows = psRows(answer, options).map(({ row }) => row);
  const { lines, hidden } = rows.length === 0 ? { lines: [], hidden: [] } : renderTable(PS_COLUMNS, rows, view);
  const remarks = [...scopeLines(answer.scope), ...answererLines(answer, view.style)];
  return { lines, remarks, footer: psFooter(answer, options, hidden, view.style) };
}

/** A line of the table, and the agent that it is about; without one it is about a host. */
export interface PsRow {
  readonly row: TableRow;
  readonly item?: PsItem;
}

/** Every line of the table in order: each host's agents, then what the host itself has to say. */
export function psRows(answer: Pick<PsAnswer, "hosts" | "items">, options: PsTableOptions): PsRow[] {
  const itemsByHost = Map.groupBy(answer.items, hostKey);
  const rows = answer.hosts.flatMap((host): PsRow[] => {
    const items = itemsByHost.get(hostKey(host)) ?? [];
    itemsByHost.delete(hostKey(host));
    const remark = hostRemark(host, { hasRows: items.length > 0, isTooOld: isTooOld(host, options.maxAgeMs) });
    const hasSystemd = !host.conditions.some((condition) => condition.type === "NO_SYSTEMD");
    return [...items.map((item) => ({ row: agentCells(item, hasSystemd), item })), ...(remark ? [{ row: remark }] : [])];
  });
  // Rows of a host that the answer does not name: never expected, and never to be hidden.
  const unexpected = [...itemsByHost.values()].flat();
  return [...rows, ...unexpected.map((item) => ({ row: agentCells(item, true), item }))];
}

function hostKey(of: Pick<PsHost, "tenant_id" | "host_id" | "host">): string {
  return JSON.stringify([of.tenant_id, of.host_id || `/${of.host}`]);
}
