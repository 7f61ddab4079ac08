import { toJson } from "@bufbuild/protobuf";
import type { CallOptions, Fleet, FleetAnswer, FleetQuestion } from "@mosaic/client";
import { formatAddress } from "@mosaic/core/light";
import { AgentSchema, HostStatusSchema } from "@mosaic/wire";
import { type ApprovalsAnswer, toApprovalsAnswer } from "../fleet/approvals-answer.ts";
import { freshReading, toPsHost } from "../fleet/ps-host.ts";
import { type PsItem, toPsItem } from "../fleet/ps-item.ts";
import { viaOf } from "../fleet/via-of.ts";

/** An agent in a few words, by the names that `fleet ps --json` has for them. */
export type BriefAgent = Pick<
  PsItem,
  "runtime" | "class" | "state" | "waiting_for" | "state_detail" | "lane" | "pending_messages"
> & {
  /** Complete, as other tools take it. */
  readonly address: string;
};

/** A host that is not simply there. */
export interface BriefHost {
  readonly host: string;
  readonly state: string;
  readonly detail: string;
}

/** The fleet as a program reads it that has to act on it. */
export interface BriefFleet {
  readonly agents: readonly BriefAgent[];
  /** Every host in scope: one that does not answer may have agents that are not listed, or not so any more. */
  readonly hosts: readonly BriefHost[];
}

/** Lists agents in a few words each. */
export async function briefFleet(fleet: Fleet, question: FleetQuestion, call: CallOptions): Promise<BriefFleet> {
  const { rows, readings } = inJson(await fleet.list(question, call));
  const agents = rows.map((row) => {
    const reading = readings.find(({ status }) => status.hostId === row.hostId && status.tenantId === row.tenantId);
    const { tenant_id: tenantId, host, name, ...item } = toPsItem(row, reading);
    const { runtime, state, waiting_for, state_detail, lane, pending_messages } = item;
    const address = formatAddress({ tenantId, host, name });
    return { address, runtime, class: item.class, state, waiting_for, state_detail, lane, pending_messages };
  });
  const hosts = readings.map(toPsHost).map(({ host, state, detail }) => ({ host, state, detail }));
  return { agents, hosts };
}

/** Lists what agents ask leave for, or wait for a person with. */
export async function waitingAgents(fleet: Fleet, call: CallOptions): Promise<Pick<ApprovalsAnswer, "complete" | "items">> {
  const { rows, hosts } = inJson(await fleet.list({}, call));
  const { complete, items } = toApprovalsAnswer(viaOf(undefined, hosts), hosts, rows);
  return { complete, items };
}

function inJson(answer: FleetAnswer) {
  const rows = answer.agents.map((agent) => toJson(AgentSchema, agent));
  const hosts = answer.hosts.map((host) => toJson(HostStatusSchema, host));
  return { rows, hosts, readings: hosts.map(freshReading) };
}
