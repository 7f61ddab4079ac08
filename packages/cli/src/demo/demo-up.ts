import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import { machineFailure, procfsTable, writeFileAtomically } from "@mosaic/host";
import { makeFolder } from "@mosaic/host/make-folder";
import { type Installation, locateInstallation } from "../local/installation.ts";
import { type DemoPlan, type DemoSize, membershipText, planDemo, rosterText } from "./demo-plan.ts";
import { type DemoDaemon, type DemoState, findDemoState, writeDemoState } from "./demo-state.ts";
import { startAgents } from "./start-agents.ts";
import { startAggregatorDaemon, startNodeDaemon } from "./start-daemons.ts";

export interface DemoUpOptions {
  readonly directory: string;
  readonly size: DemoSize;
  /** Whether the demo ends with this process. */
  readonly isOwned: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** Brings a demo fleet up, or what is missing of one that runs: folders, agents in tmux, a node per host, an aggregator.
 *  The state file is written before the first process starts, so that whatever happens `demo down` knows what to end. */
export async function demoUp(options: DemoUpOptions): Promise<DemoState> {
  const installation = locateInstallation();
  const before = await findDemoState(options.directory);
  if (before) assertSameSize(before.plan, options.size);
  const plan = before?.plan ?? planDemo(options.directory, randomBytes(3).toString("hex"), options.size);
  await makeOwnFolder(plan);
  if (!before) await assertEmpty(plan.directory);
  let state = ownedState(plan, options.isOwned, before?.daemons.filter(isRunning) ?? []);
  // Before anything else is in the folder, so that one that was killed here is taken up again, and not for somebody's own.
  await writeDemoState(state);
  await makeHomes(plan);
  const keep = async (daemon: DemoDaemon) => {
    state = { ...state, daemons: [...state.daemons, daemon] };
    await writeDemoState(state);
  };
  const env = daemonEnvironment(options.env);
  await allDone(plan.hosts.map((host) => bringUpHost(installation, plan, host, { options, env, before, state, keep })));
  if (!state.daemons.some((daemon) => daemon.role === "aggregator")) {
    const addresses = new Map(state.daemons.map((daemon) => [daemon.host, daemon.endpoint]));
    await writeFileAtomically(`${plan.directory}/fleet/hosts.yaml`, membershipText(plan, addresses), 0o600);
    await keep(await startAggregatorDaemon(installation, plan, env));
    options.onProgress("aggregator serves");
  }
  return state;
}

interface HostWork {
  readonly options: DemoUpOptions;
  readonly env: Readonly<Record<string, string>>;
  readonly before: DemoState | undefined;
  readonly state: DemoState;
  readonly keep: (daemon: DemoDaemon) => Promise<void>;
}

async function bringUpHost(
  installation: Installation,
  plan: DemoPlan,
  host: DemoPlan["hosts"][number],
  work: HostWork,
): Promise<void> {
  const { options, env } = work;
  const context = {
    path: env["PATH"] ?? "/usr/bin:/bin",
    frameworkDirectory: installation.frameworkDirectory,
    nodeProgram: process.execPath,
    resourceAttributes: env["OTEL_RESOURCE_ATTRIBUTES"],
  };
  const startNode = async () => {
    if (work.state.daemons.some((daemon) => daemon.host === host.name)) return;
    const earlier = work.before?.daemons.find((daemon) => daemon.host === host.name);
    const port = Number(earlier?.endpoint.split(":").at(-1) ?? 0);
    await work.keep(await startNodeDaemon(installation, plan, host, port, env));
  };
  await allDone([startAgents(plan, host, context, options.signal), startNode()]);
  options.onProgress(`host ${host.name} serves ${host.agents.length} agents`);
}

// Waits for all of them also when one fails: what is still being started then would be on no record, and be left behind.
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

/** Whether a daemon of a demo still runs, and is not another process with its number. */
export function isRunning(daemon: Pick<DemoDaemon, "pid" | "startTicks">): boolean {
  const found = procfsTable().read(daemon.pid);
  return found !== undefined && (daemon.startTicks === undefined || found.startTicks === daemon.startTicks);
}

function ownedState(plan: DemoPlan, isOwned: boolean, daemons: readonly DemoDaemon[]): DemoState {
  const ownerPid = isOwned ? process.pid : 0;
  return { plan, ownerPid, ownerStartTicks: isOwned ? procfsTable().read(ownerPid)?.startTicks : undefined, daemons };
}

async function makeOwnFolder(plan: DemoPlan): Promise<void> {
  try {
    await makeFolder(dirname(plan.directory), 0o777);
    await makeFolder(plan.directory);
  } catch (thrown) {
    const failure = machineFailure(`cannot make the folder of the demo "${plan.directory}"`, thrown);
    throw new MosaicError(failure.code, failure.message, { hint: "name another with --dir", cause: thrown });
  }
}

// `demo down` removes the folder whole: nobody's home, project or real fleet may be in it.
async function assertEmpty(directory: string): Promise<void> {
  const [first] = await readdir(directory);
  if (first === undefined) return;
  const message = `cannot make a demo in "${directory}": it is not empty, and mosaic demo down would remove all of it`;
  throw new MosaicError("WOULD_OVERWRITE", message, { hint: "name a folder that is new or empty with --dir" });
}

async function makeHomes(plan: DemoPlan): Promise<void> {
  await makeFolder(`${plan.directory}/fleet/run`);
  for (const host of plan.hosts) {
    await makeFolder(`${host.home}/fleet/run`);
    await writeFileAtomically(`${host.home}/fleet/roster.yaml`, rosterText(plan, host), 0o600);
  }
}

// The daemons get the caller's PATH, language and telemetry, and nothing that names another Mosaic or tmux.
function daemonEnvironment(env: DemoUpOptions["env"]): Record<string, string> {
  const passed = Object.entries(env).filter(
    ([name, value]) =>
      value !== undefined &&
      (/^(PATH|HOME|USER|LOGNAME|LANG|TZ|TMPDIR|TMUX_TMPDIR|XDG_RUNTIME_DIR)$/.test(name) || /^(LC_|OTEL_)/.test(name)),
  );
  return Object.fromEntries(passed) as Record<string, string>;
}

function assertSameSize(plan: DemoPlan, size: DemoSize): void {
  const agentCount = plan.hosts[0]?.agents.length;
  if (plan.hosts.length === size.hostCount && agentCount === size.agentCount) return;
  throw new MosaicError(
    "USAGE",
    `a demo of ${plan.hosts.length} hosts with ${agentCount} agents each runs in ${plan.directory}`,
    {
      hint: `end it first: mosaic demo down --dir ${plan.directory}`,
    },
  );
}
