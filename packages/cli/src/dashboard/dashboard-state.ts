import type { PsApproval } from "../fleet/ps-approval.ts";
import type { PsItem } from "../fleet/ps-item.ts";

/** What is on the screen, and what keys mean. */
export type Mode =
  | { readonly kind: "fleet" }
  /** One agent, with its live screen; by key, so that it stays the same one whatever the filter leaves and whoever comes and goes. */
  | { readonly kind: "agent"; readonly agent: string }
  | { readonly kind: "help" }
  | { readonly kind: "filter" }
  | { readonly kind: "compose"; readonly from: "fleet" | "agent"; readonly agent: string; readonly text: string }
  /** One request by its id: what is allowed is what was read, whatever else is asked meanwhile. */
  | { readonly kind: "approve"; readonly from: "fleet" | "agent"; readonly agent: string; readonly requestId: string };

/** All that a person has chosen. The fleet itself is elsewhere, and changes on its own. */
export interface DashboardState {
  readonly mode: Mode;
  /** Words, all of which a line must hold. */
  readonly filter: string;
  /** Key of the selected agent; undefined: the first one shown. */
  readonly selected: string | undefined;
}

export const FIRST_STATE: DashboardState = { mode: { kind: "fleet" }, filter: "", selected: undefined };

/** What tells one agent from all others, over changes of its row. */
export function agentKey({ tenant_id, host_id, host, name }: Pick<PsItem, "tenant_id" | "host_id" | "host" | "name">): string {
  return JSON.stringify([tenant_id, host_id || `/${host}`, name]);
}

/** The selected agent among those shown, and its place; when it is not among them, the first one. Undefined: none is shown. */
export function selectedAgent(
  { selected }: Pick<DashboardState, "selected">,
  items: readonly PsItem[],
): { readonly item: PsItem; readonly index: number } | undefined {
  const index = Math.max(
    0,
    items.findIndex((item) => agentKey(item) === selected),
  );
  const item = items[index];
  return item && { item, index };
}

/** The agent that a mode is about, wherever it is now. Undefined: it is gone. */
export function agentNamed(key: string, items: readonly PsItem[]): PsItem | undefined {
  return items.find((item) => agentKey(item) === key);
}

/** What an agent asks for that can be answered from here. */
export function answerable({ approvals }: Pick<PsItem, "approvals">): readonly PsApproval[] {
  return approvals.filter((each) => each.answerable);
}
