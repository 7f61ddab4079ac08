import { MosaicError } from "@mosaic/core/light";
import { HOLDER_UNIT } from "@mosaic/lifecycle";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { actOnAgents } from "../../lifecycle/act-on-agents.ts";
import { assertKnown } from "../../lifecycle/choose-agents.ts";
import type { HostFleet } from "../../lifecycle/host-fleet.ts";
import { outcomeAnswer } from "../../lifecycle/outcome-answer.ts";
import { wouldStop } from "../../lifecycle/would-change.ts";
import { openHostFleet } from "../../local/open-host-fleet.ts";

/** Ends agents of this host; a session that no roster names can be ended by its name too. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const isWhole = invocation.flags.boolean("holder");
  if (isWhole && invocation.args.length > 0) {
    throw new MosaicError("USAGE", "--holder ends everything, so that it goes with no agent's name");
  }
  await using fleet = await openHostFleet(invocation, io);
  const isDryRun = invocation.flags.boolean("dry-run");
  const names = await namesToStop(fleet, invocation.args, io.signal);
  // Before anything is ended: a server without its holder goes with its last agent.
  const isServing = isWhole && (await fleet.terminal.listPanes(io.signal)).length > 0;
  const stop = async () => {
    const isNeeded = (isAlive: boolean) => isAlive;
    const act = (name: string) => fleet.supervisor.stop(name, io.signal);
    const outcomes = await actOnAgents(fleet, names, { action: "agent.stop", verb: "stopping", isNeeded, act }, io);
    if (isWhole) await endHolder(fleet, io.signal);
    return outcomes;
  };
  const outcomes = isDryRun ? await wouldStop(fleet, names, io.signal) : await stop();
  const notes = isWhole ? [serverNote(fleet, isServing, isDryRun)] : [];
  return outcomeAnswer("mosaic.fleet.stop/1", fleet, outcomes, { isDryRun, notes });
}

async function namesToStop(fleet: HostFleet, named: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  if (named.length === 0) return [...fleet.roster.agents, ...fleet.workers].map((agent) => agent.name).filter(isFirst);
  await assertKnown(fleet, named, signal);
  return named.filter(isFirst);
}

function serverNote({ roster }: HostFleet, isServing: boolean, isDryRun: boolean): string {
  const server = `tmux server on socket "${roster.socketName}"`;
  if (!isServing) return `no ${server} runs`;
  return `the ${server} ${isDryRun ? "would be" : "was"} ended`;
}

async function endHolder(fleet: HostFleet, signal: AbortSignal): Promise<void> {
  if (fleet.supervisor.kind === "systemd") await fleet.units.stop(HOLDER_UNIT, signal);
  // Also one that was started by hand, which systemd knows nothing of.
  await fleet.terminal.endServer(signal);
}

function isFirst<Value>(value: Value, index: number, all: readonly Value[]): boolean {
  return all.indexOf(value) === index;
}
