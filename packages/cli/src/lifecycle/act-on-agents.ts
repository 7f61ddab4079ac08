import { forEachAgent, type Outcome } from "@mosaic/lifecycle";
import type { Io } from "../io/io.ts";
import type { HostFleet } from "./host-fleet.ts";
import { isAliveIn } from "./live-sessions.ts";
import { showProgress } from "./progress.ts";

/** Something that is done to one agent after the other, and how it is called. */
export interface AgentAction {
  /** For the audit log, for example `agent.start`. */
  readonly action: string;
  /** For people who wait, for example `starting`. */
  readonly verb: string;
  /** Whether it will change anything, as far as that can be told before. */
  isNeeded(isAlive: boolean): boolean;
  act(name: string): Promise<Exclude<Outcome["outcome"], "failed">>;
}

const UNCHANGED: readonly Outcome["outcome"][] = ["already running", "not running"];

/** Does it with each agent, shows how far it has come, and puts on record what is changed, before it is: an agent whose change
 *  can't be put on record has failed, and is as it was. */
export async function actOnAgents(
  fleet: HostFleet,
  names: readonly string[],
  { action, verb, isNeeded, act }: AgentAction,
  io: Io,
): Promise<readonly Outcome[]> {
  const { tenantId, host } = fleet.roster;
  const isAlive = await isAliveIn(fleet, io.signal);
  using progress = showProgress(verb, names.length, io);
  const record = (name: string) =>
    fleet.audit.record({ action, actor: fleet.actor, tenantId, host, agent: name, facts: { by: fleet.supervisor.kind } });
  const recorded = async (name: string) => {
    const isExpected = isNeeded(isAlive(name));
    if (isExpected) await record(name);
    const outcome = await act(name);
    // A unit can be in another state than its session, which was not looked at before.
    if (!isExpected && !UNCHANGED.includes(outcome)) await record(name);
    return outcome;
  };
  return await forEachAgent(names, recorded, (outcome) => progress.done(outcome), io.signal);
}
