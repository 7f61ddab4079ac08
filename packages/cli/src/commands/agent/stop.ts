import { MosaicError } from "@mosaic/core";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { actOnAgents } from "../../lifecycle/act-on-agents.ts";
import { assertKnown } from "../../lifecycle/choose-agents.ts";
import type { HostFleet } from "../../lifecycle/host-fleet.ts";
import { outcomeAnswer } from "../../lifecycle/outcome-answer.ts";
import { forgetWorkers } from "../../lifecycle/workers.ts";
import { wouldStop } from "../../lifecycle/would-change.ts";
import { openHostFleet } from "../../local/open-host-fleet.ts";

/** Ends one agent, or every worker of a lane. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const lane = invocation.flags.text("lane");
  await using fleet = await openHostFleet(invocation, io);
  const names = await namesToStop(fleet, invocation.args[0], lane, io.signal);
  const isDryRun = invocation.flags.boolean("dry-run");
  const stop = async () => {
    const isNeeded = (isAlive: boolean) => isAlive;
    const act = (name: string) => fleet.supervisor.stop(name, io.signal);
    const outcomes = await actOnAgents(fleet, names, { action: "agent.stop", verb: "stopping", isNeeded, act }, io);
    // After all have ended, because systemd reads its units anew for it.
    const ended = outcomes.filter(({ outcome }) => outcome !== "failed").map(({ name }) => name);
    await forgetWorkers(fleet, ended, io.signal);
    return outcomes;
  };
  const outcomes = isDryRun ? await wouldStop(fleet, names, io.signal) : await stop();
  const notes = lane !== undefined && names.length === 0 ? [`lane "${lane}" has no workers on this host`] : [];
  return outcomeAnswer("mosaic.agent.stop/1", fleet, outcomes, { isDryRun, notes });
}

async function namesToStop(
  fleet: HostFleet,
  name: string | undefined,
  lane: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if ((name === undefined) === (lane === undefined)) {
    throw new MosaicError("USAGE", "name one agent, or a lane with --lane", { hint: "mosaic agent stop --help" });
  }
  if (lane !== undefined) return fleet.workers.filter((worker) => worker.lane === lane).map((worker) => worker.name);
  const names = name === undefined ? [] : [name];
  await assertKnown(fleet, names, signal);
  return names;
}
