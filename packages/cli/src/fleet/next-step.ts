import { formatAddress, type NotLive } from "@mosaic/core/light";
import type { PsItem } from "./ps-item.ts";

/** What an operator should type next about an agent. */
export interface NextStep {
  readonly command: string;
  /** True when it has to be typed on the agent's own host. */
  readonly isLocal: boolean;
}

/** What a next step is chosen by. */
export type StepFacts = Pick<PsItem, "tenant_id" | "host" | "name" | "state" | "boot_enable_warning" | "approvals"> & {
  readonly systemd: { readonly unit: string; readonly active: string } | null;
};

/** Says what to type next about an agent; undefined when there is nothing to do. */
export function nextStep(item: StepFacts, notLive: NotLive | undefined): NextStep | undefined {
  const address = formatAddress({ tenantId: item.tenant_id, host: item.host, name: item.name });
  const anywhere = (command: string): NextStep => ({ command, isLocal: false });
  const onItsHost = (command: string): NextStep => ({ command, isLocal: true });
  // Started again and again without success: what its unit wrote says more than another start.
  const isBroken = item.systemd?.active === "failed";
  const kind = notLive?.kind;
  switch (kind) {
    case undefined:
      // Read before it is answered: a command to copy that says yes would be typed unread.
      if (item.approvals.some((approval) => approval.answerable)) return anywhere("mosaic agent approvals list");
      if (item.state === "waiting") return anywhere(`mosaic agent attach ${address}`);
      return item.boot_enable_warning ? onItsHost("mosaic fleet install-systemd") : undefined;
    case "host-lost":
      return anywhere(`mosaic host describe ${item.tenant_id === "" ? item.host : `${item.tenant_id}/${item.host}`}`);
    case "not-in-roster":
      return onItsHost("mosaic agent roster");
    case "no-session":
      if (isBroken) return onItsHost(`journalctl --user -n 50 -u ${item.systemd?.unit}`);
      return onItsHost(`mosaic fleet start ${item.name}`);
    case "process-ended":
      return isBroken ? anywhere(`mosaic agent tail ${address}`) : onItsHost(`mosaic fleet restart ${item.name}`);
    case "drift":
      return onItsHost(`mosaic fleet restart ${item.name}`);
    case "clock-skew":
      return onItsHost("timedatectl");
    case "failed":
    case "wedged":
    case "no-heartbeat":
    case "heartbeat-stale":
    case "heartbeat-unknown":
      return anywhere(`mosaic agent tail ${address}`);
    default:
      return kind satisfies never;
  }
}
