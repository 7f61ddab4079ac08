import { forEachAgent, type Outcome } from "@mosaic/lifecycle";
import type { Io } from "../io/io.ts";
import type { HostFleet } from "./host-fleet.ts";
import { showProgress } from "./progress.ts";

/** Something that is done to one agent after the other, and how it is called. */
export interface AgentAction {
  /** For the audit log, for example `agent.start`. */
  readonly action: string;
  /** For people who wait, for example `starting`. */
  readonly verb: string;
  act(name: string): Promise<Exclude<Outcome["outcome"], "failed">>;
}

const UNCHANGED: readonly Outcome["outcome"][] = ["already running", "not running"];

/** Does it with each agent, shows how far it has come, and puts what was changed on record. */
export async function actOnAgents(
  fleet: HostFleet,
  names: readonly string[],
  { action, verb, act }: AgentAction,
  io: Io,
): Promise<readonly Outcome[]> {
  const { tenantId, host } = fleet.roster;
  using progress = showProgress(verb, names.length, io);
  const recorded = async (name: string) => {
    const outcome = await act(name);
    if (!UNCHANGED.includes(outcome)) {
      await fleet.audit.record({ action, actor: fleet.actor, tenantId, host, agent: name, facts: { by: fleet.supervisor.kind } });
    }
    return outcome;
  };
  return await forEachAgent(names, recorded, (outcome) => progress.done(outcome), io.signal);
}
