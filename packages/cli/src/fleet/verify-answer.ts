import type { NotLiveKind } from "@mosaic/core/light";
import { exitCodeOf, isAnswering, type PsAnswer, toPsAnswer, type Via } from "./ps-answer.ts";
import { freshReading, type PsHost } from "./ps-host.ts";
import type { FleetQuestion, FleetReading } from "./read-fleet.ts";
import { judgeReading } from "./status-answer.ts";
import type { JudgedItem } from "./status-item.ts";

/** What `fleet verify --json` prints. The names of its fields are a contract; see verify.test.ts. */
export interface VerifyAnswer {
  readonly schema: "mosaic.fleet.verify/1";
  /** True when every host in scope answered. */
  readonly complete: boolean;
  readonly scope: PsAnswer["scope"];
  readonly via: Via;
  /** True when every host in scope answered and every agent below is live. */
  readonly live: boolean;
  readonly hosts: readonly PsHost[];
  /** The agents that were judged: those named, else every core agent of the rosters. */
  readonly items: readonly VerifiedAgent[];
}

/** One agent, judged. */
export interface VerifiedAgent {
  readonly tenant_id: string;
  readonly host: string;
  readonly host_id: string;
  readonly name: string;
  readonly live: boolean;
  /** Null: it is live. */
  readonly kind: NotLiveKind | null;
  /** Empty: it is live. */
  readonly why: string;
  /** What to type next; empty: nothing. */
  readonly next: string;
}

/** The answer with what it is made of. */
export interface Verdict {
  readonly answer: VerifyAnswer;
  readonly judged: readonly JudgedItem[];
  readonly notes: readonly string[];
}

/** Judges a fleet.
 *  @param addresses only these agents; empty: every core agent that a roster names
 *  @throws MosaicError as `selectAgents` */
export function verify(question: FleetQuestion, reading: FleetReading, addresses: readonly string[]): Verdict {
  const judged = judgeReading(reading, addresses).filter(({ item }) => addresses.length > 0 || isExpected(item));
  const readings = reading.hosts.map(freshReading);
  const { complete, scope, via, hosts } = toPsAnswer(
    { ...question, maxAgeMs: undefined },
    reading.via,
    readings,
    [],
    [],
    reading.scope,
  );
  const items = judged.map(toVerifiedAgent);
  const live = hosts.length > 0 && complete && items.every((item) => item.live);
  return { answer: { schema: "mosaic.fleet.verify/1", complete, scope, via, live, hosts, items }, judged, notes: reading.notes };
}

/** 4 when no host answered, 3 when one did not, whatever the others say; 1 when an agent is not live; else 0. */
export function verifyExitCode(answer: VerifyAnswer): 0 | 1 | 3 | 4 {
  return exitCodeOf(answer, false) || (answer.live ? 0 : 1);
}

/** The hosts that do not answer. */
export function silentHosts(answer: VerifyAnswer): readonly PsHost[] {
  return answer.hosts.filter((host) => !isAnswering(host));
}

// Ephemeral agents come and go with their lanes, and sessions that no roster names were never promised.
function isExpected(item: { readonly in_roster: boolean; readonly lifecycle: string }): boolean {
  return item.in_roster && item.lifecycle !== "ephemeral";
}

function toVerifiedAgent({ item, notLive }: JudgedItem): VerifiedAgent {
  const { tenant_id, host, host_id, name, live, why, next } = item;
  return { tenant_id, host, host_id, name, live, kind: notLive?.kind ?? null, why, next: live ? "" : next };
}
