/** Durable sends while what carries them is killed again and again: nothing that was acknowledged is lost, nothing is typed twice. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connectFleet, type FleetConnection, parseEndpoint } from "@mosaic/rpc";
import { eventually, pick, seededRandom } from "@mosaic/testkit";
import { DeliveryState, FailureReason, type Receipt } from "@mosaic/wire";
import { type DaemonHome, type DaemonRole, daemonHome } from "./daemon-home.ts";
import { MOSAIC } from "./demo-fleet.ts";
import { type RunningProgram, startProgram } from "./run-program.ts";
import { TestTerminal, tmux } from "./test-terminal.ts";

const SENDS = Number(process.env["MOSAIC_TEST_SENDS"] ?? 400);
const SEED = Number(process.env["MOSAIC_TEST_SEED"] ?? 20_261_121);
const AGENTS = Array.from({ length: 8 }, (_, index) => `coder${index}`);
const STUB = join(import.meta.dirname, "../../framework/stub-agent/stub-agent.mjs");
/** Messages of one agent that are on their way to be acknowledged at the same time. */
const AT_ONCE = 4;

interface Planned {
  readonly id: string;
  readonly agent: string;
  readonly text: string;
}

test(`${SENDS} sends, with node, aggregator and command killed at random, seed ${SEED}`, {
  timeout: 400_000,
}, async (context) => {
  await using home = await daemonHome();
  await using terminal = new TestTerminal();
  await start(home, terminal);
  const daemons = new Daemons(home);
  await daemons.start("node");
  await daemons.start("aggregator");
  await eventually("every agent is seen", async () => {
    const end = await home.mosaic("fleet", "ps", "--all-hosts", "--json");
    return (JSON.parse(end.stdout) as { items: { state: string }[] }).items.filter(({ state }) => state === "ready").length === 8;
  });
  const planned = Array.from({ length: SENDS }, (_, index): Planned => {
    const agent = AGENTS[index % AGENTS.length] ?? "";
    return { id: `kill-${index}`, agent, text: `message ${index} for ${agent}` };
  });
  const random = seededRandom(SEED);
  const done = new AbortController();
  const killing = killAgainAndAgain(daemons, random, done.signal);
  const over = new AbortController();
  const deciding = decideLikeAPerson(home, over.signal);
  const commands = await sendAll(home, planned, random).catch(async (e) => {
    done.abort();
    await killing;
    await using node = connectFleet(parseEndpoint(`unix:${join(home.mosaicHome, "fleet/run/node.sock")}`));
    const { messages } = await node.client.listMessages({ limit: 1000 });
    const by = new Map<string, number>();
    for (const { receipt: r } of messages) { const k = `${r?.agent?.name} ${r?.state} ${r?.reason} ${r?.held} ${r?.detail}`; by.set(k, (by.get(k) ?? 0) + 1); }
    console.log([...by].map(([k, n]) => `${n} ${k}`).join("\n"));
    const { messages: am } = await (await connectFleet(parseEndpoint(`unix:${join(home.mosaicHome, "fleet/run/aggregator.sock")}`))).client.listMessages({ limit: 1000 });
    const by2 = new Map<string, number>();
    for (const { receipt: r } of am) { const k = `AGG ${r?.agent?.name} ${r?.state} ${r?.reason} ${r?.held} ${r?.detail}`; by2.set(k, (by2.get(k) ?? 0) + 1); }
    console.log([...by2].map(([k, n]) => `${n} ${k}`).join("\n"));
    for (const a of AGENTS) console.log(a, (await tmux(terminal.socketName, ["capture-pane", "-p", "-t", `=${a}:`])).split("\n").filter(Boolean).slice(-3));
    throw e;
  });
  // Killed on while the rest is carried and typed, and then left alone.
  await delay(3000);
  done.abort();
  const kills = await killing;
  const receipts = await ends(home, planned).finally(() => over.abort());
  context.diagnostic(`a person decided ${await deciding} times`);
  await judge(context, home, planned, receipts);
  context.diagnostic(`killed: node ${kills.node}, aggregator ${kills.aggregator}, command ${commands}; seed ${SEED}`);
});

/** Node and aggregator, started again whenever they are killed. */
class Daemons {
  readonly #home: DaemonHome;
  readonly #running = new Map<DaemonRole, RunningProgram>();

  constructor(home: DaemonHome) {
    this.#home = home;
  }

  async start(role: DaemonRole): Promise<void> {
    this.#running.set(role, await this.#home.serves(role));
  }

  async kill(role: DaemonRole): Promise<void> {
    const running = this.#running.get(role);
    running?.kill("SIGKILL");
    await running?.ended;
    await this.start(role);
  }
}

async function start(home: DaemonHome, { socketName }: TestTerminal): Promise<void> {
  const agents = AGENTS.map((name) => `  - name: ${name}\n    runtime: stub\n    class: worker\n`).join("");
  const head = `version: 1\ntransport: tmux\ntenant: team-a\nhost: alpha\ntmux:\n  socket_name: ${socketName}\nagents:\n`;
  await home.write("fleet/roster.yaml", head + agents);
  const socket = join(home.mosaicHome, "fleet/run/node.sock");
  await home.write("fleet/hosts.yaml", `- targets: ["unix:${socket}"]\n  labels: { host: alpha, tenant: team-a }\n`);
  await tmux(socketName, ["new-session", "-d", "-s", "_holder", "--", "tail", "-f", "/dev/null"]);
  for (const name of AGENTS) {
    const variables = [`MOSAIC_AGENT_NAME=${name}`, `MOSAIC_HOME=${home.mosaicHome}`, `MOSAIC_NODE_SOCKET=${socket}`];
    const env = variables.flatMap((variable) => ["-e", variable]);
    await tmux(socketName, ["new-session", "-d", "-s", name, ...env, "--", process.execPath, STUB, "--slow", "1"]);
  }
}

async function killAgainAndAgain(daemons: Daemons, random: () => number, signal: AbortSignal) {
  const kills = { node: 0, aggregator: 0 };
  while (!signal.aborted) {
    // What is killed is a matter of chance, and when: this waits for no condition.
    await delay(300 + 1500 * random());
    const role = pick<DaemonRole>(["node", "aggregator"], random);
    await daemons.kill(role);
    kills[role] += 1;
  }
  return kills;
}

/** A kill in the very moment of an Enter leaves a text in a composer of which nobody can tell whether it was submitted. It is never
 *  submitted blindly and holds all that is behind it, until a person has looked: it stands there, so it may be.
 *  @returns how often that was */
async function decideLikeAPerson(home: DaemonHome, signal: AbortSignal): Promise<number> {
  const decided = new Set<string>();
  while (!signal.aborted) {
    await delay(500);
    await using node = connectFleet(parseEndpoint(`unix:${join(home.mosaicHome, "fleet/run/node.sock")}`));
    try {
      const { messages } = await node.client.listMessages({ states: [DeliveryState.FAILED], limit: 1000 }, { timeoutMs: 4000 });
      for (const { receipt } of messages) {
        if (!receipt || !/its text stands in the composer/.test(receipt.detail)) continue;
        await node.client.retryMessage({ messageId: receipt.messageId, mayDuplicate: true }, { timeoutMs: 4000 });
        decided.add(receipt.messageId);
      }
    } catch {
      // Killed meanwhile.
    }
  }
  return decided.size;
}

/** Sends everything until it is acknowledged, as a careful sender does: the same id again after each failure.
 *  @returns how many commands were killed */
async function sendAll(home: DaemonHome, planned: readonly Planned[], random: () => number): Promise<number> {
  let killed = 0;
  const lanes = AGENTS.flatMap((agent) => {
    const rest = planned.filter((message) => message.agent === agent).values();
    return Array.from({ length: AT_ONCE }, async () => {
      const sender = new Sender(home);
      for (const message of rest) {
        if (random() < 0.02) killed += await killedCommand(home, message, random);
        await sender.send(message);
      }
      await sender[Symbol.asyncDispose]();
    });
  });
  await Promise.all(lanes);
  return killed;
}

async function killedCommand(home: DaemonHome, { id, agent, text }: Planned, random: () => number): Promise<number> {
  const command = startProgram([...MOSAIC, "agent", "send", `alpha/${agent}`, "-m", text, "--id", id], { env: home.env });
  await delay(400 * random());
  command.kill("SIGKILL");
  const end = await command.ended;
  return end.signal === "SIGKILL" ? 1 : 0;
}

class Sender implements AsyncDisposable {
  readonly #home: DaemonHome;
  #connection: FleetConnection;

  constructor(home: DaemonHome) {
    this.#home = home;
    this.#connection = this.#connect();
  }

  async send({ id, agent, text }: Planned): Promise<void> {
    const request = { messageId: id, text, agent: { tenantId: "team-a", host: "alpha", name: agent } };
    const asked = { ...request, sourceLabel: "test", waitFor: DeliveryState.QUEUED, waitMs: 2000 };
    await eventually(
      `${id} is acknowledged`,
      async () => {
        try {
          const { receipt } = await this.#connection.client.send(asked, { timeoutMs: 4000 });
          return receipt !== undefined && receipt.state >= DeliveryState.QUEUED;
        } catch {
          // Killed meanwhile, or 100 wait already.
          await this[Symbol.asyncDispose]();
          this.#connection = this.#connect();
          return false;
        }
      },
      40_000,
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#connection[Symbol.asyncDispose]());
  }

  #connect(): FleetConnection {
    return connectFleet(parseEndpoint(`unix:${join(this.#home.mosaicHome, "fleet/run/aggregator.sock")}`));
  }
}

/** Every message's receipt, once nothing more can happen to it. */
async function ends(home: DaemonHome, planned: readonly Planned[]): Promise<ReadonlyMap<string, Receipt>> {
  const receipts = new Map<string, Receipt>();
  await using connection = connectFleet(parseEndpoint(`unix:${join(home.mosaicHome, "fleet/run/aggregator.sock")}`));
  await eventually(
    "every message is at its end",
    async () => {
      for (const chunk of chunks(open(planned, receipts), 500)) {
        const { messages } = await connection.client.listMessages({ messageIds: chunk, limit: 1000 }, { timeoutMs: 10_000 });
        for (const { receipt } of messages) if (receipt) receipts.set(receipt.messageId, receipt);
      }
      return open(planned, receipts).length === 0;
    },
    120_000,
  );
  return receipts;
}

function open(planned: readonly Planned[], receipts: ReadonlyMap<string, Receipt>): string[] {
  const isEnd = (state: DeliveryState | undefined) => state === DeliveryState.ANSWERED || state === DeliveryState.FAILED;
  return planned.map(({ id }) => id).filter((id) => !isEnd(receipts.get(id)?.state));
}

async function judge(
  context: TestContext,
  home: DaemonHome,
  planned: readonly Planned[],
  receipts: ReadonlyMap<string, Receipt>,
): Promise<void> {
  const typed = await promptsTaken(home);
  await using node = connectFleet(parseEndpoint(`unix:${join(home.mosaicHome, "fleet/run/node.sock")}`));
  const rows: string[] = [];
  for (const ids of chunks(
    planned.map(({ id }) => id),
    500,
  )) {
    const { messages } = await node.client.listMessages({ messageIds: ids, limit: 1000 });
    rows.push(...messages.map(({ receipt }) => receipt?.messageId ?? ""));
  }
  assert.equal(new Set(rows).size, rows.length, "an id has two rows in the inbox");
  let indeterminate = 0;
  for (const { id, text } of planned) {
    const receipt = receipts.get(id);
    const times = typed.get(text) ?? 0;
    assert.ok(times <= 1, `${id} was taken ${times} times`);
    if (receipt?.state === DeliveryState.ANSWERED) assert.equal(times, 1, `${id} is ANSWERED and was never taken`);
    else {
      assert.equal(receipt?.reason, FailureReason.INDETERMINATE, `${id}: ${receipt?.state} ${receipt?.detail}`);
      indeterminate += 1;
    }
  }
  context.diagnostic(`${planned.length - indeterminate} answered, ${indeterminate} indeterminate, 0 lost, 0 twice`);
  // A handful of kills fall between paste and evidence; were it many, restarts would not look for evidence at all.
  assert.ok(indeterminate <= planned.length / 50, `${indeterminate} are indeterminate`);
}

/** How often each text was taken, as the agents themselves wrote it down. */
async function promptsTaken(home: DaemonHome): Promise<ReadonlyMap<string, number>> {
  const folder = join(home.mosaicHome, "stub-agent");
  const times = new Map<string, number>();
  for (const name of await readdir(folder)) {
    for (const line of (await readFile(join(folder, name), "utf8")).split("\n").filter(Boolean)) {
      const prompt = /^> (.*)$/.exec(JSON.parse(line) as string)?.[1];
      if (prompt !== undefined) times.set(prompt, (times.get(prompt) ?? 0) + 1);
    }
  }
  return times;
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let index = 0; index < items.length; index += size) yield items.slice(index, index + size);
}
