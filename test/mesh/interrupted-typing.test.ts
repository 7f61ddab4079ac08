/** A node that is killed while it types, on a real tmux with real programs: what became of a message is told by evidence or not at
 *  all, and no text is put before an agent twice. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { connectFleet, type FleetConnection, parseEndpoint } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import { AgentState, DeliveryState, FailureReason, InjectionPolicy, type Receipt } from "@mosaic/wire";
import { type DaemonHome, daemonHome } from "./daemon-home.ts";
import { screenOf, TestTerminal, tmux } from "./test-terminal.ts";

const STUB = join(import.meta.dirname, "../../framework/stub-agent/stub-agent.mjs");
/** Of a runtime that nothing is known of a paste is given 250 ms before its Enter: long enough to be caught in. */
const RUNTIMES = { slow: "command", lead: "stub" } as const;

test("a node killed between paste and Enter leaves the message to a person, and types nothing again", {
  timeout: 120_000,
}, async () => {
  await using home = await daemonHome();
  await using terminal = new TestTerminal();
  await startAgents(home, terminal);
  for (let turn = 1; ; turn += 1) {
    assert.ok(turn <= 10, "never caught between paste and Enter");
    const id = `caught-${turn}`;
    if (!(await killBeforeEnter(home, terminal, id))) continue;
    await using node = await home.serves("node");
    assert.ok(node.record.pid > 0);
    await using connection = connect(home);
    const receipt = await ended(connection, id);
    assert.deepEqual([receipt.state, receipt.reason], [DeliveryState.FAILED, FailureReason.INDETERMINATE], receipt.detail);
    assert.deepEqual(await shown(terminal, "slow", id), { taken: 0, inComposer: true });
    return;
  }
});

test("what an agent took while no node ran is ACCEPTED by the next one, and its turn ANSWERED", {
  timeout: 120_000,
}, async () => {
  await using home = await daemonHome();
  await using terminal = new TestTerminal();
  await startAgents(home, terminal);
  const agentPid = Number(await screenOf(terminal.socketName, "lead").format("#{pane_pid}"));
  {
    await using node = await home.serves("node");
    await using connection = connect(home);
    await ready(connection, "lead");
    // The agent sleeps: keys wait in its terminal, and it reports nothing.
    process.kill(agentPid, "SIGSTOP");
    const { receipt } = await connection.client.send(message("lead", "asleep", "are you awake"));
    assert.equal(receipt?.state, DeliveryState.ENTERED);
    node.kill("SIGKILL");
    await node.ended;
  }
  process.kill(agentPid, "SIGCONT");
  await eventually("it took the text", async () => (await shown(terminal, "lead", "are you awake")).taken === 1);
  await using node = await home.serves("node");
  assert.ok(node.record.pid > 0);
  await using connection = connect(home);
  const receipt = await ended(connection, "asleep");
  assert.equal(receipt.state, DeliveryState.ANSWERED);
  assert.deepEqual(
    receipt.steps.map(({ state }) => state),
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal((await shown(terminal, "lead", "are you awake")).taken, 1);
});

test("a message held by a person's draft survives a killed node, and is typed when the draft is gone", {
  timeout: 120_000,
}, async () => {
  await using home = await daemonHome();
  await using terminal = new TestTerminal();
  await startAgents(home, terminal);
  const screen = screenOf(terminal.socketName, "lead");
  {
    await using node = await home.serves("node");
    await using connection = connect(home);
    await ready(connection, "lead");
    await screen.type("half a thought");
    await screen.shows(/> half a thought/);
    const { receipt } = await connection.client.send({ ...message("lead", "held", "when you are done"), waitMs: 1500 });
    assert.deepEqual([receipt?.state, receipt?.held], [DeliveryState.DELIVERED, "a draft of 14 characters is in the composer"]);
    node.kill("SIGKILL");
    await node.ended;
  }
  await using node = await home.serves("node");
  assert.ok(node.record.pid > 0);
  await using connection = connect(home);
  const row = await eventually("the row says so", async () => {
    const { agents } = await connection.client.list({});
    return agents.find(({ name, pendingMessages }) => name === "lead" && pendingMessages === 1);
  });
  await eventually("it is held", async () => {
    const { agents } = await connection.client.list({});
    return agents.some(({ conditions }) => conditions.some(({ type }) => type === "MESSAGE_HELD"));
  });
  assert.equal((await shown(terminal, row.name, "when you are done")).taken, 0);
  await screen.press("C-u");
  assert.equal((await ended(connection, "held")).state, DeliveryState.ANSWERED);
  assert.equal((await shown(terminal, "lead", "when you are done")).taken, 1);
});

/** Sends a message and kills the node when its text stands in the composer.
 *  @returns false when Enter had been pressed by then */
async function killBeforeEnter(home: DaemonHome, terminal: TestTerminal, id: string): Promise<boolean> {
  await using node = await home.serves("node");
  await using connection = connect(home);
  await ready(connection, "slow");
  const sending = connection.client.send(message("slow", id, id)).catch(() => undefined);
  await eventually("its text is there", async () => {
    const { taken, inComposer } = await shown(terminal, "slow", id);
    return taken > 0 || inComposer;
  });
  process.kill(node.record.pid, "SIGSTOP");
  // Looked at only when nobody types any more.
  const { taken } = await shown(terminal, "slow", id);
  node.kill("SIGKILL");
  await node.ended;
  await sending;
  return taken === 0;
}

/** How often a text was taken as a prompt, and whether it stands in the composer: the stub's last line but one. */
async function shown({ socketName }: TestTerminal, agent: string, text: string): Promise<{ taken: number; inComposer: boolean }> {
  const lines = (await screenOf(socketName, agent).lines()).filter((line) => line !== "");
  const taken = lines.slice(0, -2).filter((line) => line === `> ${text}`).length;
  return { taken, inComposer: lines.at(-2) === `> ${text}` };
}

function message(name: string, messageId: string, text: string) {
  return { agent: { name }, messageId, text, waitMs: 5000, policy: InjectionPolicy.AT_MOST_ONCE };
}

/** The receipt of a message once nothing more can happen to it. */
async function ended({ client }: FleetConnection, messageId: string): Promise<Receipt> {
  return await eventually(
    `${messageId} is at its end`,
    async () => {
      const receipt = (await client.listMessages({ messageIds: [messageId] })).messages[0]?.receipt;
      return receipt && [DeliveryState.ANSWERED, DeliveryState.FAILED].some((state) => state === receipt.state) && receipt;
    },
    40_000,
  );
}

async function ready({ client }: FleetConnection, agent: string): Promise<void> {
  await eventually("the agent reports", async () => {
    const { agents } = await client.list({});
    return agents.some(({ name, state }) => name === agent && (state === AgentState.READY || state === AgentState.IDLE));
  });
}

function connect(home: DaemonHome): FleetConnection {
  return connectFleet(parseEndpoint(`unix:${join(home.mosaicHome, "fleet/run/node.sock")}`));
}

async function startAgents(home: DaemonHome, { socketName }: TestTerminal): Promise<void> {
  const agents = Object.entries(RUNTIMES).map(([name, runtime]) => ({
    ...{ name, runtime, class: "worker" },
    ...(runtime === "command" ? { command: ["true"] } : {}),
  }));
  const roster = { version: 1, transport: "tmux", tenant: "team-a", host: "alpha", tmux: { socket_name: socketName }, agents };
  await home.write("fleet/roster.yaml", JSON.stringify(roster));
  await tmux(socketName, ["new-session", "-d", "-s", "_holder", "--", "tail", "-f", "/dev/null"]);
  for (const name of Object.keys(RUNTIMES)) {
    const socket = join(home.mosaicHome, "fleet/run/node.sock");
    const variables = [`MOSAIC_AGENT_NAME=${name}`, `MOSAIC_HOME=${home.mosaicHome}`, `MOSAIC_NODE_SOCKET=${socket}`];
    const env = variables.flatMap((variable) => ["-e", variable]);
    const size = ["-x", "100", "-y", "40"];
    await tmux(socketName, ["new-session", "-d", "-s", name, ...size, ...env, "--", process.execPath, STUB, "--slow", "50"]);
  }
}
