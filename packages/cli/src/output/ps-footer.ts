import {
  countAnswered,
  isAnswering,
  isMissingHosts,
  isMostlyMissing,
  isTooOld,
  isTruncated,
  type PsAnswer,
} from "../fleet/ps-answer.ts";
import type { PsCondition } from "../fleet/ps-host.ts";
import { ageText } from "./age-text.ts";
import { notShown } from "./below-table.ts";
import { plainText } from "./plain-text.ts";
import type { Style } from "./style.ts";

/** The last line: how much of the fleet this is, and what is missing.
 *  @param hidden titles of the columns that found no room */
export function psFooter(
  answer: PsAnswer,
  options: { maxAgeMs: number | undefined },
  hidden: readonly string[],
  style: Style,
): string {
  const { agents, lastKnown, hosts } = countAnswered(answer);
  const total = answer.hosts.length;
  const more = lastKnown > 0 ? `, ${lastKnown} more as last known` : "";
  const count = `${agents} ${agents === 1 ? "agent" : "agents"} on ${hosts} of ${total} ${total === 1 ? "host" : "hosts"}${more}.`;
  const gaps = missingText(answer, options.maxAgeMs);
  const parts = [
    count,
    ...(gaps === "" ? [] : [`${style("bad", "INCOMPLETE")}: ${gaps}.`]),
    ...(answer.via === "direct" ? ["via: direct (without a node)."] : []),
    ...notShown(hidden, style),
  ];
  return parts.join(" ");
}

/** What is missing, by kind and in words: `1 unreachable, 2 stale`. Empty when nothing is. */
export function missingText(
  answer: Pick<PsAnswer, "hosts"> & { readonly conditions?: readonly PsCondition[] },
  maxAgeMs: number | undefined,
): string {
  const counts = new Map<string, number>();
  const add = (kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1);
  for (const host of answer.hosts) {
    if (!isAnswering(host)) add(plainText(host.state.toLowerCase().replaceAll("_", " ")));
    else if (isTruncated(host)) add("truncated");
    else if (maxAgeMs !== undefined && isTooOld(host, maxAgeMs))
      add(`older than ${maxAgeMs < 1000 ? `${maxAgeMs} ms` : ageText(maxAgeMs)}`);
  }
  const unknown = isMissingHosts(answer.conditions ?? []) ? ["hosts may be missing"] : [];
  return [...[...counts].map(([kind, count]) => `${count} ${kind}`), ...unknown].join(", ");
}

/** Whose view this is, where that is not the whole fleet. */
export function scopeLines({ as, tenants, others }: PsAnswer["scope"]): string[] {
  if (as === undefined) return [];
  const seen = tenants.length === 0 ? "no tenant" : `${tenants.length === 1 ? "tenant" : "tenants"} ${tenants.join(", ")}`;
  const rest = others === "counted" ? "of others, hosts and how many agents they have" : "others are not shown";
  return [plainText(`as ${as.replace(/^tenant\//, "")}: ${seen}; ${rest}`)];
}

/** What is wrong with the answer as a whole, a line each, to stand above the last line: what the answerer says of itself, and that
 *  most of the fleet is missing. */
export function answererLines({ conditions, hosts }: Pick<PsAnswer, "conditions" | "hosts">, style: Style): string[] {
  const missing = hosts.filter((host) => !isAnswering(host)).length;
  const isWarming = conditions.some(({ type }) => type === "AGGREGATOR_WARMING");
  const banner = `${style("bad", "MOSTLY MISSING")}: ${missing} of ${hosts.length} hosts can't be vouched for; look at the way to them first`;
  return [
    ...conditions.map(({ type, message }) => `${style("bad", plainText(type))}: ${plainText(message)}`),
    // Of one or two hosts the last line says as much, and right after a start it is no wonder.
    ...(hosts.length > 2 && isMostlyMissing({ hosts }) && !isWarming ? [banner] : []),
  ];
}
