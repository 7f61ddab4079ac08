import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentReport, PaneCapture, PaneFacts, RosterAgent } from "@mosaic/core";
import { silentLog } from "@mosaic/core";
import { connectTmux, procfsTable, systemClock } from "@mosaic/host";
import { DEFAULT_SUBMIT, type LaunchContext, type RuntimeAdapter, type RuntimeLaunch } from "@mosaic/runtimes";
import { eventually } from "@mosaic/testkit";
import { tmuxFolder } from "../mesh/leftovers.ts";
import { runToEnd } from "../mesh/run-program.ts";
import type { ModelServer } from "./model/server.ts";
import { type Heard, readSpool } from "./spool-reader.ts";
import { TranscriptReader } from "./transcript-reader.ts";

/** A runtime's own settings for a home in which it was never started before. */
export interface AgentHome {
  /** Writes what lets it speak to the model server, and to nobody else, without a login.
   *  @returns variables that it needs beside those of the launch line */
  prepare(home: string, model: ModelServer, workingDirectory: string): Promise<Readonly<Record<string, string>>>;
}

export interface RealAgentOptions {
  readonly adapter: RuntimeAdapter;
  readonly home: AgentHome;
  /** The folder of the agents' programs. */
  readonly bin: string;
  readonly model: ModelServer;
  readonly columns?: number;
}

/** A real agent in a tmux of its own, started by its adapter's launch line, that speaks to the model server and reports into a
 *  spool. Each has a home of its own, and no variable of whoever runs the tests. Disposing ends it and removes everything. */
export interface RealAgent extends AsyncDisposable {
  readonly name: string;
  /** Of its tmux; its session there is called as it is. */
  readonly socketName: string;
  readonly mosaicHome: string;
  readonly homeFolder: string;
  readonly workingDirectory: string;
  /** What it told so far, oldest first, as its adapter hears it. Call {@link RealAgent.hears} to have more read. */
  readonly heard: readonly Heard[];
  /** Waits until something it told, from `since` on (an index into {@link RealAgent.heard}; default 0), is what is wanted. */
  hears(what: string, isWanted: (report: AgentReport, heard: Heard) => unknown, since?: number): Promise<Heard>;
  screen(): Promise<PaneCapture>;
  pane(): Promise<PaneFacts>;
  /** Waits until the adapter finds nothing that speaks against typing. */
  ready(): Promise<void>;
  /** Puts a text into the composer. */
  paste(text: string): Promise<void>;
  press(key: string): Promise<void>;
  /** Types a message as Mosaic does: paste, wait, Enter. */
  type(text: string): Promise<void>;
  /** Kills the process in the pane, as a crash would, and starts it with its old conversation. */
  killAndResume(sessionId: string): Promise<void>;
}

const never = new AbortController().signal;
/** Real programs on a busy machine; opencode alone takes up to 11 s to be ready. */
const PATIENCE_MS = 60_000;
/** An agent that was told to end may finish what it writes. */
const END_PATIENCE_MS = 5_000;
let count = 0;

export async function startRealAgent(options: RealAgentOptions): Promise<RealAgent> {
  const { adapter, model, bin, columns = 120 } = options;
  count += 1;
  const folder = await mkdtemp(join(tmpdir(), `mosaic-agent-${adapter.name}-`));
  const [homeFolder, workingDirectory, mosaicHome] = ["home", "work", "mosaic"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [homeFolder, workingDirectory, mosaicHome]) await mkdir(path);
  const context = launchContext(mosaicHome, bin);
  const agent = rosterAgent(adapter.name, workingDirectory);
  const extra = await options.home.prepare(homeFolder, model, workingDirectory);
  const terminal = await startTerminal(homeFolder);
  const heard: Heard[] = [];
  const transcript = new TranscriptReader(adapter);

  const start = async (launch: RuntimeLaunch) => {
    const env = { ...surroundings(homeFolder, model), ...extra, ...launch.env };
    const session = { session: agent.name, argv: launch.argv, env, workingDirectory, columns, rows: 40 };
    await terminal.tmux.startSession(session, never);
  };
  const pane = async () => {
    const panes = await terminal.tmux.listPanes(never);
    const found = panes.find(({ session }) => session === agent.name);
    if (found === undefined) throw new Error(`the session of ${agent.name} is gone`);
    return found;
  };
  const screen = async () => terminal.tmux.capture((await pane()).paneId, {}, never);
  const explained = async (error: unknown) => {
    const { lines } = await screen();
    const told = heard.map(({ payload }) => JSON.stringify(payload)).join("\n");
    return new Error(`${error instanceof Error ? error.message : error}\nscreen:\n${lines.join("\n")}\nheard:\n${told}`);
  };
  const waitFor = <T>(what: string, check: () => T | Promise<T>) =>
    eventually(`${adapter.name}: ${what}`, check, PATIENCE_MS).catch(async (error) => {
      throw await explained(error);
    });
  const press = async (key: string) => terminal.tmux.pressKey((await pane()).paneId, key, never);
  const paste = async (text: string) => terminal.tmux.paste((await pane()).paneId, text, never);

  await start(adapter.launch(agent, context));
  return {
    ...{
      name: agent.name,
      socketName: terminal.socketName,
      mosaicHome,
      homeFolder,
      workingDirectory,
      heard,
      screen,
      pane,
      paste,
      press,
    },
    hears: (what, isWanted, since = 0) =>
      waitFor(what, async () => {
        heard.push(...(await readSpool(mosaicHome, agent.name, adapter)));
        heard.push(...(await transcript.more(heard)));
        return heard.slice(since).find((one) => one.report !== undefined && isWanted(one.report, one));
      }),
    ready: () => waitFor("ready", async () => adapter.blockedBy?.(await screen()) === undefined).then(() => {}),
    async type(text) {
      await paste(text);
      // A program that is slow to read would take paste and Enter for one, and lose the Enter.
      await waitFor("the text in the composer", async () => isShown(adapter, (await screen()).lines));
      await systemClock.sleep((adapter.submit ?? DEFAULT_SUBMIT).settleMs, never);
      await press("Enter");
    },
    async killAndResume(sessionId) {
      process.kill((await pane()).pid, "SIGKILL");
      await waitFor("dead", async () => (await pane()).isDead);
      await terminal.tmux.endSession(agent.name, never);
      const launch = adapter.resume?.(agent, context, sessionId);
      if (launch === undefined) throw new Error(`${adapter.name} can't be resumed`);
      await start(launch);
    },
    async [Symbol.asyncDispose]() {
      // Without a pane, or with an ended one, there is nothing to wait for; and the kernel's own processes are children of 0.
      const pid = await pane().then(
        (found) => (found.isDead ? 0 : found.pid),
        () => 0,
      );
      const children = pid > 1 ? procfsTable().childrenOf(pid) : [];
      const pids = pid > 1 ? [pid, ...children.map((child) => child.pid)] : [];
      await terminal[Symbol.asyncDispose]();
      // Some write into their home once more while they end, which would make it anew.
      await eventually("the agent's end", () => pids.every(isGone), END_PATIENCE_MS).catch(() => pids.forEach(killIfThere));
      await eventually("the agent's death", () => pids.every(isGone));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function isGone(pid: number): boolean {
  return procfsTable().read(pid) === undefined;
}

function killIfThere(pid: number): void {
  if (!isGone(pid)) process.kill(pid, "SIGKILL");
}

function isShown({ draftOn }: RuntimeAdapter, lines: readonly string[]): boolean {
  return draftOn === undefined || draftOn(lines) !== undefined;
}

function launchContext(mosaicHome: string, bin: string): LaunchContext {
  return {
    tenantId: "team-a",
    host: "alpha",
    mosaicHome,
    nodeSocketPath: join(mosaicHome, "no-node.sock"),
    path: `${bin}:${process.execPath.slice(0, process.execPath.lastIndexOf("/"))}:/usr/bin:/bin`,
    frameworkDirectory: join(import.meta.dirname, "../../framework"),
    nodeProgram: process.execPath,
  };
}

function rosterAgent(runtime: string, workingDirectory: string): RosterAgent {
  const name = `${runtime}${count}`;
  return { name, runtime, agentClass: "", lifecycle: "core", workingDirectory, resetBetweenTasks: false, limits: {} };
}

/** What an agent sees of the machine. Whatever honours a proxy and wants to leave it meets the model server, which refuses. */
function surroundings(home: string, { url }: ModelServer): Record<string, string> {
  const aside = "127.0.0.1,localhost";
  return {
    ...{ HOME: home, LANG: "C.UTF-8", SHELL: "/bin/sh", NO_PROXY: aside, no_proxy: aside },
    ...{ HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url },
  };
}

/** A tmux server that knows nothing of whoever runs the tests, and a connection to it as the node has one. */
async function startTerminal(home: string) {
  const socketName = `mosaic-test-${process.pid}-agent${count}`;
  const server = ["tmux", "-u", "-f", "/dev/null", "-L", socketName] as const;
  const env = { HOME: home, PATH: "/usr/bin:/bin", LANG: "C.UTF-8" };
  const keeper = ["new-session", "-d", "-s", "_holder", "--", "tail", "-f", "/dev/null"];
  const started = await runToEnd([...server, ...keeper], { env });
  if (started.exitCode !== 0) throw new Error(`tmux did not start: ${started.stderr}`);
  const tmux = connectTmux({ socketName, clock: systemClock, log: silentLog });
  await tmux.ensureHolder("_holder", never);
  return {
    tmux,
    socketName,
    async [Symbol.asyncDispose]() {
      await tmux[Symbol.asyncDispose]();
      await runToEnd([...server, "kill-server"], { env });
      await rm(join(tmuxFolder(), socketName), { force: true });
    },
  };
}
