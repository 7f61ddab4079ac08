import type { Roster, RosterAgent } from "./roster.ts";

/** Writes an ephemeral agent that was started for a lane as the text of its file, `fleet/workers/<name>.json`. */
export function formatWorker(worker: RosterAgent): string {
  return `${JSON.stringify(worker)}\n`;
}

/** Reads such a file.
 *  @returns undefined when it is torn or not ours: one unreadable worker must not hide the fleet */
export function parseWorker(text: string): RosterAgent | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isWorker(value) ? value : undefined;
  } catch {
    // JSON.parse has nothing to add to "torn".
    return undefined;
  }
}

/** A roster with the workers in it: what should exist on this host right now. A worker that took the name of an entry stands
 *  in its place. */
export function withWorkers(roster: Roster, workers: readonly RosterAgent[]): Roster {
  if (workers.length === 0) return roster;
  const names = new Set(workers.map((worker) => worker.name));
  return { ...roster, agents: [...roster.agents.filter((agent) => !names.has(agent.name)), ...workers] };
}

function isWorker(value: unknown): value is RosterAgent {
  if (typeof value !== "object" || value === null) return false;
  const worker = value as Partial<Record<keyof RosterAgent, unknown>>;
  const texts = [worker.name, worker.runtime, worker.agentClass, worker.workingDirectory, worker.lane];
  return (
    texts.every((text) => typeof text === "string") &&
    /^[A-Za-z0-9_.-]{1,200}$/.test(worker.name as string) &&
    worker.lifecycle === "ephemeral" &&
    typeof worker.limits === "object" &&
    worker.limits !== null
  );
}
