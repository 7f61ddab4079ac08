import type { ConditionJson, HostStatusJson } from "@mosaic/wire";
import { meshWord } from "./enum-text.ts";

/** A host's status with the age of its rows as of now. */
export interface HostReading {
  readonly status: HostStatusJson;
  /** How old the host's rows are now, in ms. */
  readonly ageMs: number;
  /** The host's own clock at the moment that `ageMs` counts from; 0: never heard from. */
  readonly asOfUnixMs: number;
  /** How long ago the status was told, in ms. */
  readonly statusAgeMs: number;
}

/** A host in `fleet ps --json`. */
export interface PsHost {
  readonly tenant_id: string;
  readonly host: string;
  /** Empty: never heard from. */
  readonly host_id: string;
  /** In capitals: LIVE, STALE, UNREACHABLE, … */
  readonly state: string;
  /** How old its rows are. Null: never heard from. */
  readonly age_ms: number | null;
  /** Name of the failure; empty when LIVE. */
  readonly code: string;
  readonly detail: string;
  /** Null: no attempt is planned, or it is connected. */
  readonly retry_in_ms: number | null;
  /** Ids of the aggregators on the way, nearest to the host first. */
  readonly via: readonly string[];
  readonly agent_count: number;
  readonly conditions: readonly PsCondition[];
  readonly address: string;
}

export interface PsCondition {
  readonly type: string;
  readonly message: string;
  /** Null: nobody knows since when. */
  readonly age_ms: number | null;
}

/** A reading made when the status arrived just now. */
export function freshReading(status: HostStatusJson): HostReading {
  return { status, ageMs: Number(status.ageMs ?? 0), asOfUnixMs: Number(status.asOfUnixMs ?? 0), statusAgeMs: 0 };
}

/** Puts a host's status into the form of the answer. */
export function toPsHost(reading: HostReading): PsHost {
  const { status } = reading;
  const retryInMs = (status.retryInMs ?? 0) - reading.statusAgeMs;
  return {
    tenant_id: status.tenantId ?? "",
    host: status.host ?? "",
    host_id: status.hostId ?? "",
    state: meshWord(status.state, "HOST_STATE_"),
    age_ms: reading.asOfUnixMs === 0 ? null : reading.ageMs,
    code: status.code ?? "",
    detail: status.detail ?? "",
    retry_in_ms: status.retryInMs ? Math.max(0, Math.round(retryInMs)) : null,
    via: status.via ?? [],
    agent_count: status.agentCount ?? 0,
    conditions: toPsConditions(status.conditions, reading),
    address: status.address ?? "",
  };
}

/** Puts conditions into the form of the answer, with ages instead of instants of a foreign clock. */
export function toPsConditions(
  conditions: readonly ConditionJson[] | undefined,
  reading: HostReading | undefined,
): PsCondition[] {
  return (conditions ?? []).map((condition) => ({
    type: condition.type ?? "",
    message: condition.message ?? "",
    age_ms: ageSince(condition.sinceUnixMs, reading),
  }));
}

/** How long ago an instant of the host's clock was. Null: the instant or the host's clock is not known.
 *  The host's clock is compared with itself only; the rest of the age was measured on the way by clocks that never jump. */
export function ageSince(instantUnixMs: string | undefined, reading: HostReading | undefined): number | null {
  const instant = Number(instantUnixMs ?? 0);
  if (instant === 0 || !reading || reading.asOfUnixMs === 0) return null;
  return Math.max(0, reading.asOfUnixMs - instant + reading.ageMs);
}
