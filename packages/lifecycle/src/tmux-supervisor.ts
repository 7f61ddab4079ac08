import {
  type Clock,
  type FileStore,
  formatHeartbeatFile,
  type PaneFacts,
  type ProcessTable,
  type RosterAgent,
  type SessionLauncher,
  sessionNameOf,
  type TerminalServer,
} from "@mosaic/core";
import type { RuntimeLaunch } from "@mosaic/runtimes";
import { conversationStore } from "./conversation.ts";
import { type LaunchSite, launchOf, needsSidecar, resumeLineOf } from "./launch-site.ts";
import type { StartOptions, Supervisor } from "./supervisor.ts";

export interface TmuxSupervisorDeps {
  readonly terminal: Pick<TerminalServer, "listPanes">;
  readonly launcher: SessionLauncher;
  readonly processes: ProcessTable;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly holderSession: string;
  readonly site: LaunchSite;
  /** The operator's own variables of an agent (`<agent>.local.env`). */
  readonly localVariables: (name: string) => Promise<Readonly<Record<string, string>>>;
  /** OTEL_RESOURCE_ATTRIBUTES of who starts agents, for those that have none in their own variables. */
  readonly resourceAttributes?: string | undefined;
}

/** Agents as sessions and nothing more: for hosts without systemd. Nobody starts them again. */
export function tmuxSupervisor(deps: TmuxSupervisorDeps): Supervisor {
  const start = async (agent: RosterAgent, signal: AbortSignal, { isFresh = false }: StartOptions = {}) => {
    const there = await findPane(deps, agent.name, signal);
    if (there && !there.isDead) return "already running" as const;
    if (there) await deps.launcher.endSession(sessionNameOf(agent.name), signal);
    await deps.launcher.ensureHolder(deps.holderSession, signal);
    if (isFresh) await conversationsOf(deps).forget(agent.name);
    const { OTEL_RESOURCE_ATTRIBUTES: tags = deps.resourceAttributes, ...local } = await deps.localVariables(agent.name);
    const site = { ...deps.site, resourceAttributes: withoutOurs(tags) };
    const { argv: freshLine, env, workingDirectory } = launchOf(agent, site);
    const argv = (await resumedLine(deps, agent, there)) ?? freshLine;
    const variables = { ...env, ...local };
    await deps.launcher.startSession({ session: sessionNameOf(agent.name), argv, env: variables, workingDirectory }, signal);
    if (needsSidecar(agent)) await beginBeats(deps, agent.name, signal).catch((thrown) => undo(deps, agent.name, thrown, signal));
    return "started" as const;
  };
  const stop = async (name: string, signal: AbortSignal) => {
    const there = await findPane(deps, name, signal);
    await deps.launcher.endSession(sessionNameOf(name), signal);
    await deps.files.remove(runFile(deps, name, "sidecar"));
    await deps.files.remove(runFile(deps, name, "hb"));
    await deps.files.remove(runFile(deps, name, "resumed"));
    return there ? ("stopped" as const) : ("not running" as const);
  };
  return {
    kind: "tmux",
    start,
    stop,
    async restart(agent, signal, options) {
      const stopped = await stop(agent.name, signal);
      await start(agent, signal, options);
      return stopped === "stopped" ? "restarted" : "started";
    },
  };
}

// Who starts it may be an agent itself: whose telemetry it is says this agent's launch, and nobody else.
function withoutOurs(tags: string | undefined): string | undefined {
  const theirs = tags?.split(",").filter((pair) => pair.trim() !== "" && !pair.trim().startsWith("mosaic."));
  return theirs?.join(",");
}

/** A program whose conversation is gone ends within this time, also on a busy host. */
const FAILS_WITHIN_MS = 60_000;

// Nobody but a person starts it again here. One who does so soon after it was started, and finds it ended by itself, is not given
// the same end once more.
async function resumedLine(
  deps: TmuxSupervisorDeps,
  agent: RosterAgent,
  there: PaneFacts | undefined,
): Promise<RuntimeLaunch["argv"] | undefined> {
  const conversations = conversationsOf(deps);
  const id = await conversations.current(agent.name);
  const line = id === undefined ? undefined : resumeLineOf(agent, deps.site, id);
  if (id === undefined || line === undefined) return undefined;
  const [triedId, triedAtUnixMs] = (await deps.files.read(runFile(deps, agent.name, "resumed")))?.split(" ") ?? [];
  const ageMs = deps.clock.nowUnixMs() - Number(triedAtUnixMs);
  if (there?.isDead && triedId === id && ageMs >= 0 && ageMs < FAILS_WITHIN_MS) {
    await conversations.setAside(agent.name, id);
    return undefined;
  }
  await deps.files.write(runFile(deps, agent.name, "resumed"), `${id} ${deps.clock.nowUnixMs()}\n`, 0o600);
  return line;
}

function conversationsOf({ files, site }: TmuxSupervisorDeps) {
  return conversationStore(files, site.paths.runDirectory);
}

// An agent of which nobody would ever hear a beat is not left running by a start that failed.
async function undo({ launcher }: TmuxSupervisorDeps, name: string, thrown: unknown, signal: AbortSignal): Promise<never> {
  await launcher.endSession(sessionNameOf(name), signal);
  throw thrown;
}

// The holder's loop goes on from here; the first beat is ours, so that nobody waits 15 s to see an agent that lives.
async function beginBeats(deps: TmuxSupervisorDeps, name: string, signal: AbortSignal): Promise<void> {
  const pane = await findPane(deps, name, signal);
  const process = pane && !pane.isDead ? deps.processes.read(pane.pid) : undefined;
  if (!process) return;
  await deps.files.write(runFile(deps, name, "sidecar"), `${process.pid}\n${process.startTicks}\n`, 0o600);
  const beat = {
    atUnixMs: deps.clock.nowUnixMs(),
    pid: process.pid,
    status: "ok",
    intervalMs: 15_000,
    writer: "sidecar",
  } as const;
  await deps.files.write(runFile(deps, name, "hb"), formatHeartbeatFile(beat), 0o600);
}

function runFile({ site }: TmuxSupervisorDeps, name: string, suffix: string): string {
  return `${site.paths.runDirectory}/${name}.${suffix}`;
}

async function findPane({ terminal }: TmuxSupervisorDeps, name: string, signal: AbortSignal): Promise<PaneFacts | undefined> {
  const panes = await terminal.listPanes(signal);
  return panes.find((pane) => pane.session === sessionNameOf(name));
}
