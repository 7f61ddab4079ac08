import { NODE_UNIT } from "@mosaic/lifecycle";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { chooseAgents } from "../../lifecycle/choose-agents.ts";
import type { HostFleet } from "../../lifecycle/host-fleet.ts";
import { outcomeAnswer } from "../../lifecycle/outcome-answer.ts";
import { notFresh, startAgents } from "../../lifecycle/start-agents.ts";
import { wouldStart } from "../../lifecycle/would-change.ts";
import { openHostFleet } from "../../local/open-host-fleet.ts";

/** Starts agents of this host. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  await using fleet = await openHostFleet(invocation, io);
  const agents = chooseAgents(fleet.roster, invocation.args);
  const isDryRun = invocation.flags.boolean("dry-run");
  const options = { isFresh: invocation.flags.boolean("fresh") };
  const start = async () => {
    if (invocation.args.length === 0) await startNode(fleet, io.signal);
    return await startAgents(fleet, agents, options, io);
  };
  const outcomes = isDryRun ? await wouldStart(fleet, agents, io.signal) : await start();
  return outcomeAnswer("mosaic.fleet.start/1", fleet, outcomes, { isDryRun, notes: notFresh(outcomes, options) });
}

// The fleet without its node would run unseen.
async function startNode({ supervisor, units }: HostFleet, signal: AbortSignal): Promise<void> {
  if (supervisor.kind === "systemd") await units.start(NODE_UNIT, signal);
}
