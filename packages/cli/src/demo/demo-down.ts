import { readdir, rm } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";
import { stopProcess } from "@mosaic/host";
import { type DemoState, findDemoState, readDemoState } from "./demo-state.ts";
import { isRunning } from "./demo-up.ts";
import { endAgents } from "./start-agents.ts";

/** Ends a demo: aggregator, nodes, agents, folder, in that order. What can't be ended does not keep the rest alive.
 *  @throws MosaicError USAGE when none is there, MACHINE naming what is left */
export async function demoDown(directory: string): Promise<DemoState> {
  const state = await readDemoState(directory);
  const left: string[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>) => {
    await work().catch((thrown: unknown) => left.push(`${what}: ${MosaicError.from(thrown).message}`));
  };
  const inOrder = [...state.daemons].sort((a, b) => (a.role < b.role ? -1 : a.role > b.role ? 1 : 0));
  await Promise.all(
    inOrder.map((daemon) =>
      attempt(`${daemon.role} ${daemon.host}`, () => stopProcess(daemon.pid, daemon.startTicks, { graceMs: 3000 })),
    ),
  );
  const { signal } = new AbortController();
  await Promise.all(state.plan.hosts.map((host) => attempt(`tmux server ${host.tmuxSocketName}`, () => endAgents(host, signal))));
  if (left.length > 0)
    throw new MosaicError("MACHINE", `the demo could not be ended whole: ${left.join("; ")}`, {
      hint: `try again: mosaic demo down --dir ${directory}`,
    });
  await rm(directory, { recursive: true, force: true });
  return state;
}

/** Ends demos whose owner was killed before it could.
 *  @param parent folder that holds them
 *  @param prefix start of their names
 *  @returns the folders that were cleaned up */
export async function sweepAbandonedDemos(parent: string, prefix: string): Promise<string[]> {
  const entries = await readdir(parent).catch(() => []);
  const swept: string[] = [];
  for (const entry of entries.filter((name) => name.startsWith(prefix))) {
    const directory = `${parent}/${entry}`;
    const state = await findDemoState(directory);
    if (!state || state.ownerPid === 0 || isRunning({ pid: state.ownerPid, startTicks: state.ownerStartTicks })) continue;
    await demoDown(directory);
    swept.push(directory);
  }
  return swept;
}
