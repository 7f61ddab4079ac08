import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentReport } from "@mosaic/core";
import { eventually, RUN_DIRECTORY, settle } from "@mosaic/testkit";
import { type Agent, AgentState, DeliveryState, Evidence, HeartbeatStatus } from "@mosaic/wire";
import { bash, type Client, manners, Rig, send, untilRow } from "./agent-side-for-tests.ts";

const { READY, BUSY, WAITING, IDLE } = HeartbeatStatus;
const HOOK = Evidence.HOOK;

test("the conversation to go on with is one in which something was said, and none after a reset", async () => {
  await using rig = new Rig();
  const { client } = await rig.start();
  const file = () => rig.files.texts.get(`${RUN_DIRECTORY}/lead.session`);
  const inSession = async (sessionId: string, report: AgentReport) => {
    rig.say({ ...report, sessionId });
    await untilRow(client, sessionId, (row) => row.sessionId === sessionId && rig.files.events.size === 0);
  };
  await inSession("s-1", { status: IDLE });
  assert.equal(file(), undefined);
  await inSession("s-1", { status: BUSY, turnId: "t-1" });
  await eventually("it is kept", () => file() === "s-1\n");
  await inSession("s-1", { status: IDLE });
  assert.equal(file(), "s-1\n");
  await inSession("s-2", { status: IDLE });
  await eventually("the one that was reset is not gone on with", () => file() === undefined);
  await inSession("s-2", { status: IDLE, endedTurnIds: ["t-2"] });
  await eventually("the new one is kept", () => file() === "s-2\n");
});

test("the conversation that an agent tells by a call is kept like one of a hook", async () => {
  await using rig = new Rig();
  const { client } = await rig.start();
  const file = () => rig.files.texts.get(`${RUN_DIRECTORY}/lead.session`);
  const call = (sessionId: string, turnId = "") => client.heartbeat({ agent: { name: "lead" }, status: IDLE, sessionId, turnId });
  await call("s-1");
  assert.equal(file(), undefined, "nothing was said in it");
  await call("s-1", "t-1");
  assert.equal(file(), "s-1\n");
  await call("s-2");
  assert.equal(file(), undefined, "it was reset");
  await client.heartbeat({ agent: { name: "stranger" }, status: IDLE, sessionId: "s-3", turnId: "t-1" });
  assert.deepEqual(
    [...rig.files.texts.keys()].filter((path) => path.endsWith(".session")),
    [],
    "there is no such agent",
  );
});

test("an agent that could not go on with its conversation says so in its row until that is off the record", async () => {
  await using rig = new Rig();
  const path = `${RUN_DIRECTORY}/lead.session.failed`;
  rig.host.files.write(path, "s-1\n");
  const { client } = await rig.start();
  const failed = ({ conditions }: Agent) => conditions.find(({ type }) => type === "RESUME_FAILED")?.message ?? "";
  assert.match(failed((await client.list({})).agents[0] as Agent), /its conversation s-1, and began a fresh one/);
  rig.host.files.write(path, "s-2\n");
  await untilRow(client, "another one failed", (row) => failed(row).includes("s-2"));
  rig.host.files.remove(path);
  await untilRow(client, "it is off the record", (row) => failed(row) === "");
});

test("what an agent's hooks leave in the spool is its state, and stays so for as long as its process lives", async () => {
  await using rig = new Rig();
  const { client } = await rig.start();
  rig.say({ status: WAITING, waitingFor: "permission", sessionId: "s-1", turnId: "t-1", asked: [bash] }, Date.now() - 3_600_000);
  rig.host.writeHeartbeatFile("lead", "ok", Date.now(), "sidecar");
  const row = await untilRow(client, "it waits", ({ state }) => state === AgentState.WAITING);
  assert.deepEqual(
    [row.waitingFor, row.sessionId, row.approvals[0]?.requestId, row.heartbeat?.turnId, row.heartbeat?.evidence],
    ["permission", "s-1", "r-1", "t-1", HOOK],
  );
  assert.equal(rig.files.events.size, 0);
  assert.equal(rig.files.texts.get(`${RUN_DIRECTORY}/lead.session`), "s-1\n");
  rig.host.terminal.endSession("lead");
  rig.host.startSession("lead");
  const isNew = ({ state, approvals }: Agent) => state === AgentState.UNSPECIFIED && approvals.length === 0;
  await untilRow(client, "another process has said nothing", isNew);
});

test("an agent that was started again is heard though its row still shows the process before", async () => {
  await using rig = new Rig();
  const { client } = await rig.start();
  for (const isSeenDead of [false, true]) {
    rig.host.terminal.isQuiet = !isSeenDead;
    rig.host.terminal.endSession("lead");
    if (isSeenDead) await untilRow(client, "it is seen to be gone", ({ pane }) => !pane?.alive);
    rig.host.terminal.isQuiet = true;
    rig.host.startSession("lead");
    const { pid } = rig.host.terminal.pane("lead");
    rig.say({ status: READY, sessionId: `s-${pid}` });
    await eventually("it is taken", () => rig.files.events.size === 0);
    const row = await untilRow(client, "the new process is seen", ({ pane }) => pane?.pid === pid);
    assert.deepEqual([row.state, row.sessionId], [AgentState.READY, `s-${pid}`]);
  }
});

test("a message to an agent that tells of its start is held until it has", async () => {
  await using rig = new Rig();
  rig.manners = { ...manners, announcesStart: true };
  const { client } = await rig.start();
  const held = await send(client, "m-1", "hello", DeliveryState.ENTERED, 600);
  assert.equal(held.receipt?.held, "it has not said yet that it started");
  assert.deepEqual(rig.host.terminal.typed, []);
  rig.say({ status: READY });
  await eventually("it is entered", () => rig.host.terminal.typed.length === 2);
});

test("a message is taken on the hook's word, which is not thrown away before that is durable", async () => {
  await using rig = new Rig();
  const { client } = await rig.start();
  const sent = send(client, "m-1", "hello", DeliveryState.ANSWERED);
  await eventually("it is entered", () => rig.host.terminal.typed.length === 2);
  rig.store.refusal = "no space is left on the disk";
  rig.say({ status: BUSY, turnId: "t-1", accepted: [{ text: "hello\n", turnId: "t-1", evidence: HOOK }] });
  rig.say({ status: IDLE, endedTurnIds: ["t-1"] });
  await settle();
  assert.equal(rig.files.events.size, 2);
  rig.store.refusal = undefined;
  const { receipt } = await sent;
  assert.deepEqual([receipt?.state, receipt?.turnId], [DeliveryState.ANSWERED, "t-1"]);
  assert.deepEqual(
    receipt?.steps.map(({ state }) => state),
    [1, 2, 3, 4, 5, 6],
  );
  await eventually("the spool is empty", () => rig.files.events.size === 0);
});

test("garbage in the spool is set aside and holds nothing up", async () => {
  await using rig = new Rig();
  const { client } = await rig.start();
  rig.files.leave("1000-1.lead.json", '{"torn":');
  rig.files.leave("1001-1.lead.json", "null");
  rig.files.leave("1002-1.lead.json", "a pipe");
  rig.files.leave("no event at all", "{}");
  rig.files.leave("1003-1.stranger.json", {});
  rig.say({ status: BUSY });
  await untilRow(client, "it works", ({ state }) => state === AgentState.WORKING);
  await eventually("the spool is empty", () => rig.files.events.size === 0);
  assert.deepEqual(rig.files.aside, ["1000-1.lead.json", "1001-1.lead.json"]);
});

test("what waited while no node ran is heard before a message that was interrupted is given up", async () => {
  await using rig = new Rig();
  const first = await rig.start();
  const { promise: enterIsSent, resolve: sendEnter } = Promise.withResolvers<void>();
  rig.host.terminal.pressKey = () => enterIsSent;
  void send(first.client, "m-1", "hello").catch(() => {});
  await eventually("Enter may have been pressed", () => rig.records.messages.get("m-1")?.injecting?.isSubmitted);
  // As killed: it writes nothing more.
  const killed = rig.abandon();
  rig.say({ accepted: [{ text: "hello", turnId: "t-1", evidence: HOOK }], endedTurnIds: ["t-1"] });
  const { client } = await rig.start();
  const { messages } = await client.listMessages({ messageIds: ["m-1"] });
  assert.equal(messages[0]?.receipt?.state, DeliveryState.ANSWERED);
  assert.equal(rig.records.messages.get("m-1")?.injecting, undefined);
  assert.deepEqual(
    rig.host.terminal.typed.map(({ value }) => value),
    ["hello"],
  );
  sendEnter();
  await killed?.[Symbol.asyncDispose]();
});

test("what an agent said is still known after a restart, for the same process only", async () => {
  await using rig = new Rig();
  const first = await rig.start();
  rig.say({ status: WAITING, waitingFor: "permission", asked: [bash] });
  await untilRow(first.client, "it waits", ({ approvals }) => approvals.length === 1);
  await eventually("it is written down", () => rig.files.texts.has(`${RUN_DIRECTORY}/reports/lead.json`));
  await rig.stop();
  const second = await rig.start();
  const row = (await second.client.list({})).agents[0];
  assert.deepEqual([row?.state, row?.approvals.length], [AgentState.WAITING, 1]);
  await rig.stop();
  const path = `${RUN_DIRECTORY}/reports/lead.json`;
  const kept = rig.files.texts.get(path) ?? "";
  rig.files.texts.set(path, kept.replace(/"startTicks":\d+/, '"startTicks":1'));
  const other = await rig.start();
  assert.deepEqual((await other.client.list({})).agents[0]?.approvals, [], "the number of a process is given again");
  await rig.stop();
  rig.files.texts.set(path, kept);
  rig.host.terminal.endSession("lead");
  rig.host.startSession("lead");
  const third = await rig.start();
  await settle();
  assert.deepEqual((await third.client.list({})).agents[0]?.approvals, []);
});

test("the conversation file tells what hooks leave out, from where it had come, also over a restart", async () => {
  await using rig = new Rig();
  const path = "/home/ada/.agent/s-1.jsonl";
  const line = (report: AgentReport) => `${JSON.stringify(report)}\n`;
  const taken = (text: string) => ({ accepted: [{ text, turnId: "", evidence: Evidence.TRANSCRIPT }] });
  rig.files.append(path, line(taken("one")));
  const first = await rig.start();
  await send(first.client, "m-1", "one");
  rig.say({ status: BUSY, transcriptPath: path });
  await untilRow(first.client, "it works", ({ state }) => state === AgentState.WORKING);
  const stateOf = async (client: Client, messageId: string) =>
    (await client.listMessages({ messageIds: [messageId] })).messages[0]?.receipt;
  assert.equal((await stateOf(first.client, "m-1"))?.state, DeliveryState.ENTERED, "old lines are no news");
  const [half, rest] = [line(taken("one")).slice(0, 20), line(taken("one")).slice(20)];
  rig.files.append(path, `garbage that is no report\n${half}`.replace("garbage that is no report", "{}"));
  rig.files.append(path, rest);
  await eventually("it is taken", async () => (await stateOf(first.client, "m-1"))?.state === DeliveryState.ACCEPTED);
  assert.equal((await stateOf(first.client, "m-1"))?.steps.at(-1)?.evidence, Evidence.TRANSCRIPT);
  await send(first.client, "m-2", "two");
  await rig.stop();
  rig.files.append(path, line(taken("two")));
  const second = await rig.start();
  await eventually("it is taken", async () => (await stateOf(second.client, "m-2"))?.state === DeliveryState.ACCEPTED);
});

test("a message that waits is in the agent's row with what holds it", async () => {
  await using rig = new Rig();
  const { client } = await rig.start();
  rig.say({ status: WAITING, waitingFor: "permission", asked: [bash] });
  await untilRow(client, "it asks", ({ approvals }) => approvals.length === 1);
  void send(client, "m-1", "hello", DeliveryState.ENTERED, 10);
  const row = await untilRow(client, "it is held", ({ pendingMessages }) => pendingMessages === 1);
  await untilRow(client, "it says so", ({ conditions }) => conditions.some(({ type }) => type === "MESSAGE_HELD"));
  assert.deepEqual(rig.host.terminal.typed, [], row.name);
  rig.say({ status: BUSY, resolvedRequestIds: ["r-1"] });
  await untilRow(client, "it is typed", ({ pendingMessages, conditions }) => pendingMessages === 0 && conditions.length === 0);
});

test("Info names what this node can do with messages and decisions", async () => {
  await using rig = new Rig();
  const { client } = await rig.start();
  const { capabilities } = await client.info({});
  for (const name of ["decide", "durable-send", "messages"]) assert.ok(capabilities.includes(name), name);
});
