import type { AgentJson, HostStatusJson } from "@mosaic/wire";
import { isAnswering, type Via } from "./ps-answer.ts";
import { type PsApproval, toPsApprovals } from "./ps-approval.ts";
import { freshReading, type HostReading, type PsHost, toPsHost } from "./ps-host.ts";
import { toPsItem } from "./ps-item.ts";

/** What `agent approvals list --json` prints. The names of its fields are a contract; see decide.test.ts. */
export interface ApprovalsAnswer {
  readonly schema: "mosaic.agent.approvals/1";
  /** True when every host that was asked answered. */
  readonly complete: boolean;
  readonly via: Via;
  readonly hosts: readonly PsHost[];
  /** By (tenant, host, agent), the oldest request of an agent first. */
  readonly items: readonly WaitingItem[];
}

/** One thing that an agent waits for a person with. What it waits for without asking by an id has an empty one. */
export interface WaitingItem extends PsApproval {
  readonly tenant_id: string;
  readonly host: string;
  readonly host_id: string;
  readonly name: string;
  readonly runtime: string;
  /** As in `fleet ps`: STALE when its host can't be vouched for now. */
  readonly state: string;
}

/** Collects everything that agents wait for a person with. */
export function toApprovalsAnswer(via: Via, hosts: readonly HostStatusJson[], rows: readonly AgentJson[]): ApprovalsAnswer {
  const readings = hosts.map(freshReading);
  const psHosts = readings.map(toPsHost);
  return {
    schema: "mosaic.agent.approvals/1",
    complete: psHosts.every(isAnswering),
    via,
    hosts: psHosts,
    items: rows.flatMap((row) => waitingItems(row, readings)),
  };
}

function waitingItems(row: AgentJson, readings: readonly HostReading[]): WaitingItem[] {
  const reading = readings.find(({ status }) => isOf(row, status));
  const { tenant_id, host, host_id, name, runtime, state, last_state, waiting_for, state_detail } = toPsItem(row, reading);
  const approvals = toPsApprovals(row.approvals, reading);
  // A question, a login, a dialog: nothing that a machine could answer, and all the more reason to tell.
  const isWaiting = (last_state ?? state) === "waiting";
  const summary = [waiting_for, state_detail].filter((part) => part !== "").join(": ");
  const mute: PsApproval = { request_id: "", tool: "", summary, age_ms: null, answerable: false };
  const asked = approvals.length === 0 && isWaiting ? [mute] : approvals;
  return asked.map((approval) => ({ tenant_id, host, host_id, name, runtime, state, ...approval }));
}

function isOf(row: AgentJson, host: HostStatusJson): boolean {
  const sameHost = row.hostId || host.hostId ? row.hostId === host.hostId : row.host === host.host;
  return sameHost && (row.tenantId ?? "") === (host.tenantId ?? "");
}
