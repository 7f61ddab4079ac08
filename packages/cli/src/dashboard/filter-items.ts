import { approvalText } from "../fleet/ps-approval.ts";
import type { PsItem } from "../fleet/ps-item.ts";
import { notesOf } from "../output/agent-notes.ts";

/** Whether an agent's line holds every word of a filter, in any case. */
export function fitsFilter(item: PsItem, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const asked = item.approvals.map(approvalText);
  const line = [item.tenant_id, item.host, item.name, item.runtime, item.class, item.state, notesOf(item), ...asked]
    .join(" ")
    .toLowerCase();
  return words.every((word) => line.includes(word));
}
