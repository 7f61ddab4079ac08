import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { actOnAgents } from "../../lifecycle/act-on-agents.ts";
import { agentNamed, chooseAgents } from "../../lifecycle/choose-agents.ts";
import { outcomeAnswer } from "../../lifecycle/outcome-answer.ts";
import { refreshAgents } from "../../lifecycle/refresh-agents.ts";
import { wouldRestart } from "../../lifecycle/would-change.ts";
import { openHostFleet } from "../../local/open-host-fleet.ts";

/** Ends agents of this host and starts them again, as the roster says now. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  await using fleet = await openHostFleet(invocation, io);
  const agents = chooseAgents(fleet.roster, invocation.args);
  const isDryRun = invocation.flags.boolean("dry-run");
  const restart = async () => {
    await refreshAgents(fleet, agents, io.signal);
    const names = agents.map((agent) => agent.name);
    const isNeeded = () => true;
    const options = { isFresh: invocation.flags.boolean("fresh") };
    const act = (name: string) => fleet.supervisor.restart(agentNamed(agents, name), io.signal, options);
    return await actOnAgents(fleet, names, { action: "agent.restart", verb: "restarting", isNeeded, act }, io);
  };
  const outcomes = isDryRun ? await wouldRestart(fleet, agents, io.signal) : await restart();
  return outcomeAnswer("mosaic.fleet.restart/1", fleet, outcomes, { isDryRun });
}
