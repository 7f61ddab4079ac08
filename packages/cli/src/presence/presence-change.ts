import type { PresenceAnswer, PresentDaemon } from "./presence-answer.ts";

/** What of an answer makes it another one: ages, counts and last calls grow by themselves, our own questions among them.
 *  @param withAgents also what the agents do, which only JSON shows
 *  @returns equal texts for answers in which nothing happened; a daemon that started anew has to be looked for by `hasRestarted` */
export function presenceMark(answer: PresenceAnswer, withAgents: boolean): string {
  const hosts = answer.hosts.map(({ tenant_id, host, state, code, detail }) => [tenant_id, host, state, code, detail]);
  return JSON.stringify([answer.via, hosts, answer.items.map((daemon) => daemonMark(daemon, withAgents))]);
}

/** True when a daemon of both answers has run for less long than before. */
export function hasRestarted(before: PresenceAnswer, now: PresenceAnswer): boolean {
  const uptimes = new Map(before.items.map((daemon) => [keyOf(daemon), daemon.uptime_ms]));
  return now.items.some((daemon) => daemon.uptime_ms < (uptimes.get(keyOf(daemon)) ?? 0));
}

/** The hosts, as `tenant/host`, that are in no later answer because nobody expects them any more. One that does not answer is
 *  still there, with its state. */
export class GoneHosts {
  #known = new Set<string>();
  readonly #gone = new Set<string>();

  /** Takes the next answer. @returns what is gone since the one before */
  take(answer: PresenceAnswer): readonly string[] {
    const now = new Set(answer.hosts.map(({ tenant_id, host }) => `${tenant_id}/${host}`));
    const missing = [...this.#known].filter((name) => !now.has(name));
    for (const name of missing) this.#gone.add(name);
    for (const name of now) this.#gone.delete(name);
    this.#known = now;
    return missing;
  }

  /** All that went and did not come back. */
  get names(): readonly string[] {
    return [...this.#gone];
  }
}

function daemonMark({ callers, terminals, agents, ...daemon }: PresentDaemon, withAgents: boolean): unknown {
  const called = callers.map(({ subject, kind, carrier, relayed_by, streams }) => [subject, kind, carrier, relayed_by, streams]);
  const seated = terminals.map(({ agent, mode, subject, label }) => [agent, mode, subject, label]);
  const alive = withAgents ? agents.map(({ agent, state }) => [agent, state]) : [];
  return [keyOf(daemon), daemon.version, called, seated, alive];
}

function keyOf({ id, role, tenant_id, host }: Pick<PresentDaemon, "id" | "role" | "tenant_id" | "host">): string {
  return [role, id, tenant_id, host].join(" ");
}
