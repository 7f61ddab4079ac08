import { EXIT_CODES, formatAddress } from "@mosaic/core/light";
import { exitCodeOf } from "../fleet/ps-answer.ts";
import type { JudgedItem } from "../fleet/status-item.ts";
import { type DaemonSituation, type FleetSituation, type Situation, silentOf } from "./situation.ts";

/** What `status --json` prints. The names of its fields are a contract; see status.test.ts. */
export interface OverviewAnswer {
  readonly schema: "mosaic.status/1";
  readonly complete: boolean;
  /** How this host calls itself. */
  readonly host: string;
  readonly home: string;
  readonly node: DaemonSituation;
  readonly aggregator: DaemonSituation;
  /** Who told of the fleet; null: nobody could. */
  readonly via: string | null;
  readonly hosts: { readonly total: number; readonly states: Readonly<Record<string, number>> };
  readonly agents: { readonly total: number; readonly live: number; readonly states: Readonly<Record<string, number>> };
  /** What needs a hand, the worst first. */
  readonly attention: readonly Attention[];
  /** What to type next; empty: nothing. */
  readonly next: string;
}

/** One thing that needs a hand. */
export interface Attention {
  readonly about: string;
  readonly what: string;
  /** What to type next; empty: nothing. */
  readonly next: string;
}

/** Puts a situation into the form of the answer. */
export function toOverview(
  situation: Situation,
  { host, home }: { readonly host: string; readonly home: string },
): OverviewAnswer {
  const { node, aggregator, fleet } = situation;
  const attention = attentionOf(situation);
  const judged = fleet?.judged ?? [];
  return {
    ...{ schema: "mosaic.status/1", complete: fleet?.complete ?? false, host, home, node, aggregator, via: fleet?.via ?? null },
    hosts: { total: fleet?.hosts.length ?? 0, states: countBy(fleet?.hosts.map(({ state }) => state) ?? []) },
    agents: {
      total: judged.length,
      live: judged.filter(({ item }) => item.live).length,
      states: countBy(judged.map(({ item }) => item.state)),
    },
    attention,
    next: attention.find(({ next }) => next !== "")?.next ?? "",
  };
}

/** 4 when nobody could tell or no host answers, 3 when some hosts do not; what needs a hand does not count: that is `health`. */
export function overviewExitCode({ fleet, problem }: Situation): number {
  if (!fleet) return problem?.code === "ROSTER_INVALID" ? EXIT_CODES.failed : EXIT_CODES.nobodyAnswered;
  return exitCodeOf({ complete: fleet.complete, hosts: fleet.hosts }, false);
}

function attentionOf({ node, fleet, problem }: Situation): readonly Attention[] {
  if (!fleet) return [{ about: "this host", what: problem?.message ?? "nobody answers", next: "mosaic doctor" }];
  const isAlone = fleet.via === "direct" && !node.answers;
  return [
    ...(isAlone ? [{ about: "this host", what: "its node does not run", next: startOf(fleet) }] : []),
    ...fleet.conditions.map(({ type, message }) => ({ about: type, what: message, next: "mosaic host list --all-hosts" })),
    ...silentOf(fleet).map(({ tenant_id, host, state, detail }) => ({
      about: `${tenant_id}/${host}`,
      what: detail === "" ? state : `${state}: ${detail}`,
      next: `mosaic host describe ${tenant_id}/${host}`,
    })),
    ...fleet.hosts.flatMap(({ tenant_id, host, conditions }) =>
      conditions
        .filter(({ type }) => type !== "NO_SYSTEMD")
        .map(({ type, message }) => ({ about: `${tenant_id}/${host}`, what: `${type}: ${message}`, next: "mosaic doctor" })),
    ),
    ...fleet.judged.flatMap((judged) => agentAttention(judged, fleet)),
  ];
}

// Without systemd nothing keeps a node but a terminal, or whatever else the host has for it.
function startOf({ hosts }: FleetSituation): string {
  const hasSystemd = hosts.every(({ conditions }) => conditions.every(({ type }) => type !== "NO_SYSTEMD"));
  return hasSystemd ? "mosaic gateway start" : "mosaic-node";
}

// Of a host that does not answer each agent is as unknown as the next: the host stands there once.
function agentAttention({ item, step }: JudgedItem, { via }: FleetSituation): readonly Attention[] {
  if (item.state === "STALE" || (step === undefined && item.conditions.length === 0)) return [];
  const about = formatAddress({ tenantId: item.tenant_id, host: item.host, name: item.name });
  const waits = item.state === "waiting" ? `waits for ${item.waiting_for || "an answer"}` : "";
  const [condition] = item.conditions;
  const what =
    item.why || waits || (condition ? `${condition.type}: ${condition.message}` : "would not come back after a reboot");
  const isFar = via === "aggregator" && step?.isLocal === true;
  const command = step?.command ?? `mosaic agent status ${about}`;
  return [{ about, what, next: isFar ? `${command}  # on ${item.host}` : command }];
}

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words.toSorted()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
