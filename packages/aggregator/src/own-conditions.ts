import { create } from "@bufbuild/protobuf";
import type { Clock, FleetLog } from "@mosaic/core";
import { type Condition, ConditionSchema, HostState, type HostStatus } from "@mosaic/wire";
import type { HostTable } from "./host-table.ts";

/** After this a host that was not heard from is no matter of the start any more, in ms. */
const WARMING_MS = 10_000;

export interface ConditionSources {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly fleetLog: FleetLog;
  readonly table: Pick<HostTable, "conditions">;
  readonly membership: { readonly conditions: readonly Condition[] };
  readonly outbox: { readonly refusal: string | undefined };
  /** Of what this aggregator does besides, for example enrolment. Default: none. */
  readonly moreConditions?: (() => readonly Condition[]) | undefined;
}

/** Makes what tells the conditions of an aggregator as of now, its further aggregators' among them, ordered by type.
 *  @param startedAtMs when the aggregator started, on its monotonic clock */
export function ownConditions(sources: ConditionSources, startedAtMs: number): () => Condition[] {
  const { clock, fleetLog, table, membership, outbox, moreConditions } = sources;
  return () => {
    const isStarting = clock.monotonicMs() - startedAtMs < WARMING_MS;
    const warming = isStarting ? warmingCondition(fleetLog.state.hosts()) : [];
    const own = [...warming, ...storeCondition(outbox.refusal)];
    return [...own, ...table.conditions(), ...membership.conditions, ...(moreConditions?.() ?? [])].sort(byTypeAndMessage);
  };
}

// After a restart a fleet that was not heard from yet must not look like one that is gone.
function warmingCondition(hosts: readonly HostStatus[]): Condition[] {
  const waiting = hosts.filter((host) => host.asOfUnixMs === 0n && !ANSWERED.has(host.state)).length;
  if (waiting === 0) return [];
  const message = `this aggregator has just started: ${waiting} of ${hosts.length} hosts have not answered it yet`;
  return [create(ConditionSchema, { type: "AGGREGATOR_WARMING", message })];
}

function storeCondition(refusal: string | undefined): Condition[] {
  if (refusal === undefined) return [];
  return [create(ConditionSchema, { type: "STORE_UNAVAILABLE", message: `${refusal}; messages are refused meanwhile` })];
}

// Whoever was refused did answer.
const ANSWERED: ReadonlySet<HostState> = new Set([HostState.LIVE, HostState.AUTH_FAILED, HostState.INCOMPATIBLE]);

function byTypeAndMessage(a: Condition, b: Condition): number {
  const [left, right] = [`${a.type} ${a.message}`, `${b.type} ${b.message}`];
  return left < right ? -1 : Number(left > right);
}
