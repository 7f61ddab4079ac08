import type { AgentJson, CallerScopeJson, ConditionJson } from "@mosaic/wire";
import { type HostReading, type PsCondition, type PsHost, toPsConditions, toPsHost } from "./ps-host.ts";
import { type PsItem, toPsItem } from "./ps-item.ts";

/** Who answered: an aggregator, the node of this host, or nobody, so that the command looked at the machine itself. */
export type Via = "aggregator" | "node" | "direct";

/** What `fleet ps --json` prints. The names of its fields are a contract; see ps-answer.test.ts. */
export interface PsAnswer {
  readonly schema: "mosaic.fleet.ps/1";
  /** True when every host in scope answered, and recently enough. */
  readonly complete: boolean;
  readonly scope: PsScope;
  readonly via: Via;
  /** Every expected host in scope, by (tenant, host). */
  readonly hosts: readonly PsHost[];
  /** By (tenant, host, name). */
  readonly items: readonly PsItem[];
  /** What is wrong with the answerer itself, by type. Their `age_ms` is null: nobody compares two machines' clocks. */
  readonly conditions: readonly PsCondition[];
}

/** What part of the fleet the answer is about. */
export interface PsScope {
  readonly tenants: readonly string[];
  readonly hosts?: readonly string[];
  /** Who asked, for example `tenant/team-a/user/ada`, where somebody may not see everything. Absent: nothing was kept back. */
  readonly as?: string;
  /** What is shown of tenants that are not among these: nothing, or which hosts they have and how many agents. */
  readonly others?: "hidden" | "counted";
}

export interface PsQuestion {
  /** Empty: every tenant. */
  readonly tenants: readonly string[];
  /** Empty: every host. */
  readonly hosts: readonly string[];
  /** How old a host's rows may be for the answer to be complete. Undefined: as the server judges. */
  readonly maxAgeMs: number | undefined;
}

/** Joins hosts and rows into the answer: ages and reachability live in the hosts and are worked into every row here, because
 *  nothing in a row ages on its way. */
export function toPsAnswer(
  question: PsQuestion,
  via: Via,
  hosts: readonly HostReading[],
  rows: readonly AgentJson[],
  told: readonly ConditionJson[] = [],
  seen?: CallerScopeJson,
): PsAnswer {
  const byId = new Map(hosts.map((reading) => [keyOf(reading.status), reading]));
  const psHosts = hosts.map(toPsHost);
  const conditions = toPsConditions(told, undefined);
  return {
    schema: "mosaic.fleet.ps/1",
    complete: !isMissingHosts(conditions) && psHosts.every((host) => isWhole(host) && !isTooOld(host, question.maxAgeMs)),
    scope: scopeOf(question, psHosts, seen),
    via,
    hosts: psHosts,
    items: rows.map((row) => toPsItem(row, byId.get(keyOf(row)))),
    conditions,
  };
}

function scopeOf(question: PsQuestion, hosts: readonly PsHost[], seen: CallerScopeJson | undefined): PsScope {
  const shown = seen ? (seen.tenantIds ?? []) : [...new Set(hosts.map((host) => host.tenant_id))];
  const tenants = question.tenants.length > 0 ? question.tenants : shown;
  return {
    tenants,
    ...(question.hosts.length > 0 ? { hosts: question.hosts } : {}),
    ...(seen ? { as: seen.caller ?? "", others: seen.countsOthers ? "counted" : "hidden" } : {}),
  };
}

/** True for a host whose rows can be taken as they are. */
export function isAnswering(host: Pick<PsHost, "state">): boolean {
  return host.state === "LIVE" || host.state === "DRAINING";
}

/** True for a host that said more than fits into an answer, so that some of its agents are not in it. */
export function isTruncated(host: Pick<PsHost, "conditions">): boolean {
  return host.conditions.some(({ type }) => type === "TRUNCATED");
}

/** True when more than half of the hosts can't be taken as they are: the answer says more about the way than about the fleet. */
export function isMostlyMissing({ hosts }: Pick<PsAnswer, "hosts">): boolean {
  return hosts.filter((host) => !isAnswering(host)).length * 2 > hosts.length;
}

/** True when the answerer itself does not know every host there is, so that the answer may name too few. */
export function isMissingHosts(conditions: readonly Pick<PsCondition, "type">[]): boolean {
  return conditions.some(({ type }) => type === "MEMBERSHIP_UNREAD");
}

/** True for a host whose rows are older than was asked for. */
export function isTooOld(host: Pick<PsHost, "age_ms">, maxAgeMs: number | undefined): boolean {
  return maxAgeMs !== undefined && (host.age_ms ?? Number.POSITIVE_INFINITY) > maxAgeMs;
}

/** The one exit code of a fleet's answer: 4 when no host answered, 3 when some did not and that was not allowed for.
 *  A fleet of no hosts is complete.
 *  @param isStrict true: more than half missing is as good as nobody */
export function exitCodeOf(answer: Pick<PsAnswer, "complete" | "hosts">, allowPartial: boolean, isStrict = false): 0 | 3 | 4 {
  if (answer.hosts.length > 0 && !answer.hosts.some(isAnswering)) return 4;
  if (isStrict && isMostlyMissing(answer)) return 4;
  return answer.complete || allowPartial ? 0 : 3;
}

/** How many agents can be taken as shown. */
export function countAnswered(answer: Pick<PsAnswer, "hosts" | "items">): { agents: number; lastKnown: number; hosts: number } {
  const agents = answer.items.filter((item) => item.state !== "STALE").length;
  return { agents, lastKnown: answer.items.length - agents, hosts: answer.hosts.filter(isAnswering).length };
}

function isWhole(host: PsHost): boolean {
  return isAnswering(host) && !isTruncated(host);
}

function keyOf(key: { tenantId?: string; hostId?: string; host?: string }): string {
  return JSON.stringify([key.tenantId ?? "", key.hostId || `/${key.host ?? ""}`]);
}
