import type { PartialAddress } from "@mosaic/core/light";
import type { SentReceipt } from "../commands/agent/sent-receipt.ts";

/** The selector that lets through at least what is to one of these agents; no agents let everything through. Several addresses
 *  make one selector of alternatives, which may let through more: see {@link isToAgent}. */
export function selectorOf(agents: readonly PartialAddress[]): { tenants: string[]; hosts: string[]; names: string[] } {
  const all = (values: readonly string[]) => (values.includes("") ? [] : [...new Set(values)]);
  return {
    tenants: all(agents.map((agent) => agent.tenantId)),
    hosts: all(agents.map((agent) => agent.host)),
    names: all(agents.map((agent) => agent.name)),
  };
}

/** True for a message to the agent, or to one of those that a short address fits. */
export function isToAgent(receipt: SentReceipt, { tenantId, host, name }: PartialAddress): boolean {
  return (
    receipt.name === name &&
    (host === "" || receipt.host === host || receipt.host_id === host) &&
    (tenantId === "" || receipt.tenant_id === tenantId)
  );
}
