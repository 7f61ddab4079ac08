import { parseRoster, type Roster, sessionNameOf, silentLog } from "@mosaic/core";
import { connectTmux, systemClock } from "@mosaic/host";
import { makeFolder } from "@mosaic/host/make-folder";
import { type LaunchContext, runtimeNamed } from "@mosaic/runtimes";
import { type DemoHost, type DemoPlan, rosterText } from "./demo-plan.ts";

/** Starts the agents of one demo host, each in a session of its own on the host's private tmux server. Those that run
 *  already are left alone; one whose program ended is started anew. */
export async function startAgents(
  plan: DemoPlan,
  host: DemoHost,
  context: Omit<LaunchContext, "tenantId" | "host" | "mosaicHome" | "nodeSocketPath">,
  signal: AbortSignal,
): Promise<void> {
  const roster = parseRoster(rosterText(plan, host), { file: "roster.yaml", defaultTenant: plan.tenant, defaultHost: host.name });
  await makeFolder(`${host.home}/fleet/run`);
  await using tmux = connectTmux({ socketName: host.tmuxSocketName, clock: systemClock, log: silentLog });
  await tmux.ensureHolder(roster.holderSession, signal);
  const panes = await tmux.listPanes(signal);
  for (const agent of roster.agents) {
    const session = sessionNameOf(agent.name);
    // tmux keeps the pane of a program that ended, and with it the session's name.
    if (panes.some((pane) => pane.session === session && pane.isDead)) await tmux.endSession(session, signal);
    await startAgent(tmux, roster, agent, host, context, signal);
  }
}

/** Ends the tmux server of one demo host, with every agent on it. */
export async function endAgents(host: DemoHost, signal: AbortSignal): Promise<void> {
  await using tmux = connectTmux({ socketName: host.tmuxSocketName, clock: systemClock, log: silentLog });
  await tmux.endServer(signal);
}

async function startAgent(
  tmux: ReturnType<typeof connectTmux>,
  roster: Roster,
  agent: Roster["agents"][number],
  host: DemoHost,
  context: Parameters<typeof startAgents>[2],
  signal: AbortSignal,
): Promise<void> {
  const launch = runtimeNamed(agent.runtime).launch(agent, {
    ...context,
    tenantId: roster.tenantId,
    host: roster.host,
    mosaicHome: host.home,
    nodeSocketPath: `${host.home}/fleet/run/node.sock`,
  });
  await tmux.startSession({ session: sessionNameOf(agent.name), ...launch, workingDirectory: agent.workingDirectory }, signal);
}
