/** Each real agent, kept by a real systemd: its process is killed, and it comes back with its conversation. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { needsSystemd } from "../../packages/host/src/systemd/user-manager-for-tests.ts";
import { type RealHost, realHost } from "../scripts/real-host.ts";
import { claudeHome } from "./claude-home.ts";
import { codexHome } from "./codex-home.ts";
import { findAgents } from "./install-agents.ts";
import { type ModelServer, startModelServer } from "./model/server.ts";
import { opencodeHome } from "./opencode-home.ts";
import { piHome } from "./pi-home.ts";
import type { AgentHome } from "./real-agent.ts";

const HOMES: Readonly<Record<string, AgentHome>> = { claude: claudeHome, codex: codexHome, opencode: opencodeHome, pi: piHome };
const agents = await findAgents();
const options = { skip: needsSystemd.skip || ("missing" in agents ? agents.missing : false), timeout: 400_000 };
const bin = "bin" in agents ? agents.bin : "";
/** Real programs on a busy machine; opencode alone takes up to 11 s to be ready. */
const PATIENCE_MS = 90_000;
/** Of a form that every runtime takes for one of its own. */
const GONE: Readonly<Record<string, string>> = { opencode: "ses_00000000000000000000000000" };

/** A host with one agent of that runtime, `worker`, that speaks to the model server and to nobody else. */
async function startedHost(context: TestContext, runtime: string, model: ModelServer) {
  const host = await realHost(context, { hasSystemd: true });
  const workingDirectory = join(host.home, "src");
  const extra = await HOMES[runtime]?.prepare(host.home, model, workingDirectory);
  const aside = "127.0.0.1,localhost";
  const variables = {
    ...{ HOME: host.home, XDG_CONFIG_HOME: join(host.home, ".config"), LANG: "C.UTF-8" },
    ...{ PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin` },
    ...{ NO_PROXY: aside, no_proxy: aside, HTTP_PROXY: model.url, HTTPS_PROXY: model.url },
    ...{ http_proxy: model.url, https_proxy: model.url, ...extra },
  };
  const own = join(host.mosaicHome, "fleet/agents/worker.local.env");
  await mkdir(dirname(own), { recursive: true });
  await writeFile(
    own,
    Object.entries(variables)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join(""),
  );
  await host.writeRoster([`{ name: worker, runtime: ${runtime}, working_directory: "~/src" }`]);
  await succeeds(host, "fleet install-systemd");
  return { host, sessionFile: join(host.mosaicHome, "fleet/run/worker.session") };
}

async function succeeds(host: RealHost, line: string): Promise<void> {
  const end = await host.mosaic(line);
  if (end.exitCode === 0) return;
  const { stdout } = await host.mosaic("fleet ps");
  assert.fail(`mosaic ${line}: ${end.exitCode}\n${end.stdout}${end.stderr}\n${stdout}\n${screenOf(host)}`);
}

async function startsFleet(host: RealHost): Promise<void> {
  await succeeds(host, "fleet start");
  await eventually("its node serves", () => existsSync(join(host.mosaicHome, "fleet/run/node.sock")), PATIENCE_MS);
}

const screenOf = (host: RealHost) => host.tmux("capture-pane", "-p", "-S", "-50", "-t", "=worker:");
const pidOf = (host: RealHost) => host.tmux("display-message", "-p", "-t", "=worker:", "#{?pane_dead,,#{pane_pid}}");

/** Waits until the agent lives, and its hook said so, which Codex's does only with the first prompt. */
async function isUp(host: RealHost, runtime: string): Promise<void> {
  const states = runtime === "codex" ? ["ready", "idle", "unknown"] : ["ready", "idle"];
  let last: unknown;
  const isIt = async () => {
    const { items } = await host.json<{ items: { state: string; pane: { alive: boolean } | null }[] }>("fleet ps");
    last = items;
    return items.some(({ state, pane }) => pane?.alive && states.includes(state));
  };
  await eventually("the agent is up", isIt, PATIENCE_MS).catch((thrown: unknown) => {
    throw new Error(`it is not up: ${JSON.stringify(last)}\n${screenOf(host)}`, { cause: thrown });
  });
}

/** Sends one word, and waits until the model has received it from the agent. */
async function asks(host: RealHost, model: ModelServer, word: string): Promise<void> {
  await succeeds(host, `agent send worker --message ${word} --wait answered --timeout 50s`);
  assert.ok(requestWith(model, word), `the model never received ${word}`);
}

/** Waits until a text is in a file of the agent's own: Claude Code writes a turn down some time after it has ended, and what is
 *  killed before has forgotten it. */
async function isKept(host: RealHost, text: string): Promise<void> {
  const isIn = async (path: string) => (await readFile(path).catch(() => "")).includes(text);
  await eventually(
    "the agent wrote the conversation down",
    async () => {
      const files = (await readdir(host.home, { recursive: true })).filter((path) => !path.startsWith(".config/mosaic/"));
      return (await Promise.all(files.map((path) => isIn(join(host.home, path))))).includes(true);
    },
    PATIENCE_MS,
  );
}

const requestWith = (model: ModelServer, ...words: readonly string[]) =>
  model.requests.find(
    ({ userTexts, isSideJob }) => !isSideJob && words.every((word) => userTexts.some((text) => text.includes(word))),
  );

for (const runtime of Object.keys(HOMES)) {
  test(`${runtime}: killed, it comes back and tells the model what was said before`, options, async (context) => {
    await using model = await startModelServer();
    const { host, sessionFile } = await startedHost(context, runtime, model);
    await startsFleet(host);
    await isUp(host, runtime);
    await asks(host, model, "heron-is-grey");
    await eventually("its node wrote the conversation down", () => existsSync(sessionFile), PATIENCE_MS);
    await isKept(host, `reply ${requestWith(model, "heron-is-grey")?.id} of the model`);
    const [before, id] = [pidOf(host), await readFile(sessionFile, "utf8")];
    process.kill(Number(before), "SIGKILL");
    await eventually("it runs again", () => !["", before].includes(pidOf(host)), PATIENCE_MS);
    await isUp(host, runtime);
    await asks(host, model, "which-colour");
    assert.ok(requestWith(model, "heron-is-grey", "which-colour"), "the old conversation is gone");
    assert.deepEqual([await readFile(sessionFile, "utf8"), existsSync(`${sessionFile}.failed`)], [id, false]);
  });

  test(`${runtime}: where its conversation is gone it starts afresh after one try`, options, async (context) => {
    await using model = await startModelServer();
    const { host, sessionFile } = await startedHost(context, runtime, model);
    await mkdir(dirname(sessionFile), { recursive: true });
    await writeFile(sessionFile, `${GONE[runtime] ?? "00000000-0000-4000-8000-000000000000"}\n`);
    await startsFleet(host);
    await eventually("the lost one is out of the way", () => existsSync(`${sessionFile}.failed`), PATIENCE_MS);
    await isUp(host, runtime);
    await asks(host, model, "hello-again");
    const restarts = await host.manager?.systemctl("show", "--value", "-p", "NRestarts", "mosaic-agent@worker.service");
    assert.equal(restarts, "1");
  });
}
