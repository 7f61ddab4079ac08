import type { DaemonPresenceJson, PresenceResponseJson } from "@mosaic/wire";
import { agentWord } from "../fleet/enum-text.ts";
import { isAnswering, type Via } from "../fleet/ps-answer.ts";
import { freshReading, type PsHost, toPsHost } from "../fleet/ps-host.ts";
import { viaOf } from "../fleet/via-of.ts";

/** What `system presence --json` prints. The names of its fields are a contract; see presence.test.ts. */
export interface PresenceAnswer {
  readonly schema: "mosaic.system.presence/1";
  /** True when every host that was asked answered. */
  readonly complete: boolean;
  readonly via: Via;
  /** Every host that was asked. */
  readonly hosts: readonly PsHost[];
  /** Who was asked first, then the others by tenant and host. */
  readonly items: readonly PresentDaemon[];
}

/** One daemon, and whom it serves. */
export interface PresentDaemon {
  readonly id: string;
  readonly role: string;
  /** Empty: an aggregator. */
  readonly tenant_id: string;
  readonly host: string;
  readonly version: string;
  readonly uptime_ms: number;
  readonly callers: readonly PresentCaller[];
  readonly terminals: readonly PresentAtTerminal[];
  readonly agents: readonly AgentLife[];
}

export interface PresentCaller {
  readonly subject: string;
  readonly kind: string;
  readonly carrier: string;
  readonly tenant_id: string;
  /** Null: it calls itself. */
  readonly relayed_by: string | null;
  /** Open now, by rpc. */
  readonly streams: Readonly<Record<string, number>>;
  readonly last_method: string;
  readonly last_call_age_ms: number;
  readonly known_for_ms: number;
  readonly call_count: number;
}

export interface PresentAtTerminal {
  readonly agent: string;
  /** `attached` (can type), `watching` or `following` (its text). */
  readonly mode: string;
  /** Null: somebody of another tenant. */
  readonly subject: string | null;
  /** As it says itself. */
  readonly label: string;
  readonly for_ms: number;
}

export interface AgentLife {
  readonly agent: string;
  readonly state: string;
  /** Null: never heard. */
  readonly last_sign_age_ms: number | null;
}

/** Puts an answer into the form that is printed. */
export function presenceAnswer(reply: PresenceResponseJson, via: Via | undefined): PresenceAnswer {
  const hosts = (reply.hosts ?? []).map((host) => toPsHost(freshReading(host)));
  return {
    schema: "mosaic.system.presence/1",
    complete: hosts.every(isAnswering),
    via: viaOf(via, reply.hosts ?? []),
    hosts,
    items: (reply.daemons ?? []).map(toDaemon),
  };
}

function toDaemon({ id = "", role = "", tenantId = "", host = "", version = "", uptimeMs = "0", ...rest }: DaemonPresenceJson) {
  const { callers = [], terminals = [], agents = [] } = rest;
  const address = (agent: { tenantId?: string; host?: string; name?: string } | undefined) =>
    [agent?.tenantId, agent?.host, agent?.name].filter(Boolean).join("/");
  return {
    ...{ id, role, tenant_id: tenantId, host, version, uptime_ms: Number(uptimeMs) },
    callers: callers.map((caller) => ({
      ...{ subject: caller.subject ?? "", kind: caller.kind ?? "", carrier: caller.carrier ?? "" },
      ...{ tenant_id: caller.tenantId ?? "", relayed_by: caller.relayedBy || null, streams: caller.streams ?? {} },
      ...{ last_method: caller.lastMethod ?? "", last_call_age_ms: Number(caller.lastCallAgeMs ?? 0) },
      ...{ known_for_ms: Number(caller.knownForMs ?? 0), call_count: Number(caller.calls ?? 0) },
    })),
    terminals: terminals.map(({ agent, mode = "", subject = "", label = "", forMs = "0" }) => ({
      ...{ agent: address(agent), mode, subject: subject || null, label, for_ms: Number(forMs) },
    })),
    agents: agents.map(({ agent, state, heard = false, ageMs = "0" }) => ({
      ...{ agent: address(agent), state: agentWord(state, "AGENT_STATE_"), last_sign_age_ms: heard ? Number(ageMs) : null },
    })),
  };
}
