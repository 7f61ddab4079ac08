import { formatWorker, MosaicError, type RosterAgent } from "@mosaic/core";
import { planWorker } from "@mosaic/lifecycle";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { actOnAgents } from "../../lifecycle/act-on-agents.ts";
import type { HostFleet } from "../../lifecycle/host-fleet.ts";
import { outcomeAnswer } from "../../lifecycle/outcome-answer.ts";
import { refreshAgents } from "../../lifecycle/refresh-agents.ts";
import { notFresh, startAgents } from "../../lifecycle/start-agents.ts";
import { namesInUse } from "../../lifecycle/workers.ts";
import { wouldStart } from "../../lifecycle/would-change.ts";
import { openHostFleet } from "../../local/open-host-fleet.ts";

/** Starts one core agent, or an ephemeral one for a lane of work. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const [wanted = ""] = invocation.args;
  const lane = invocation.flags.text("lane");
  await using fleet = await openHostFleet(invocation, io);
  const core = fleet.roster.agents.find(({ name, lifecycle }) => name === wanted && lifecycle === "core");
  if (core !== undefined && !invocation.flags.boolean("ephemeral") && lane === undefined) {
    return await startCore(fleet, core, invocation, io);
  }
  if (!invocation.flags.boolean("ephemeral") || lane === undefined) {
    throw new MosaicError("USAGE", `"${wanted}" would be started for no lane`, {
      hint: `for a lane: mosaic agent start ${wanted} --ephemeral --lane <id> ; always on: mosaic fleet start ${wanted}`,
    });
  }
  const worker = planWorker(fleet.roster, wanted, lane, await namesInUse(fleet, io.signal));
  const isDryRun = invocation.flags.boolean("dry-run");
  if (isDryRun) {
    const planned = { name: worker.name, outcome: "started", detail: "", hint: "" } as const;
    return outcomeAnswer("mosaic.agent.start/1", fleet, [planned], { isDryRun });
  }
  const start = async () => {
    // On record before it runs: whatever happens next, its lane can end it.
    await fleet.files.write(`${fleet.paths.workersDirectory}/${worker.name}.json`, formatWorker(worker), 0o600);
    await refreshAgents(fleet, [worker], io.signal);
    return await fleet.supervisor.start(worker, io.signal);
  };
  const isNeeded = (isAlive: boolean) => !isAlive;
  const outcomes = await actOnAgents(fleet, [worker.name], { action: "agent.start", verb: "starting", isNeeded, act: start }, io);
  return outcomeAnswer("mosaic.agent.start/1", fleet, outcomes, { isDryRun });
}

async function startCore(fleet: HostFleet, agent: RosterAgent, { flags }: Invocation, io: Io): Promise<CommandResult> {
  const [isDryRun, options] = [flags.boolean("dry-run"), { isFresh: flags.boolean("fresh") }];
  const outcomes = isDryRun ? await wouldStart(fleet, [agent], io.signal) : await startAgents(fleet, [agent], options, io);
  return outcomeAnswer("mosaic.agent.start/1", fleet, outcomes, { isDryRun, notes: notFresh(outcomes, options) });
}
