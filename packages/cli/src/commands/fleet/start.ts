import { NODE_UNIT } from "@mosaic/lifecycle";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { actOnAgents } from "../../lifecycle/act-on-agents.ts";
import { agentNamed, chooseAgents } from "../../lifecycle/choose-agents.ts";
import type { HostFleet } from "../../lifecycle/host-fleet.ts";
import { outcomeAnswer } from "../../lifecycle/outcome-answer.ts";
import { refreshAgents } from "../../lifecycle/refresh-agents.ts";
import { wouldStart } from "../../lifecycle/would-change.ts";
import { openHostFleet } from "../../local/open-host-fleet.ts";

/** Starts agents of this host. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  await using fleet = await openHostFleet(invocation, io);
  const agents = chooseAgents(fleet.roster, invocation.args);
  const isDryRun = invocation.flags.boolean("dry-run");
  const start = async () => {
    await refreshAgents(fleet, agents, io.signal);
    const names = agents.map((agent) => agent.name);
    const isNeeded = (isAlive: boolean) => !isAlive;
    const act = (name: string) => fleet.supervisor.start(agentNamed(agents, name), io.signal);
    if (invocation.args.length === 0) await startNode(fleet, io.signal);
    return await actOnAgents(fleet, names, { action: "agent.start", verb: "starting", isNeeded, act }, io);
  };
  const outcomes = isDryRun ? await wouldStart(fleet, agents, io.signal) : await start();
  return outcomeAnswer("mosaic.fleet.start/1", fleet, outcomes, { isDryRun });
}

// The fleet without its node would run unseen.
async function startNode({ supervisor, units }: HostFleet, signal: AbortSignal): Promise<void> {
  if (supervisor.kind === "systemd") await units.start(NODE_UNIT, signal);
}
