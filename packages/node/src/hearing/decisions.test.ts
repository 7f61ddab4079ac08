import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { fromConnectError } from "@mosaic/rpc";
import { eventually, RUN_DIRECTORY, settle } from "@mosaic/testkit";
import { Decision, HeartbeatStatus } from "@mosaic/wire";
import { bash, manners, Rig, untilRow } from "../agent-side-for-tests.ts";

const { BUSY, WAITING } = HeartbeatStatus;

test("a decision is on record, handed over, and confirmed when the agent takes it", async () => {
  await using rig = new Rig();
  const { client } = await rig.start();
  const decide = (requestId: string, decision: Decision, comment = "") =>
    client.decide({ agent: { name: "lead" }, requestId, decision, sourceLabel: "desk:ada", comment });
  const refused = async (call: Promise<unknown>) =>
    fromConnectError(await call.catch((thrown: unknown) => thrown), "decide").code;
  assert.equal(await refused(decide("r-1", Decision.ALLOW)), "APPROVAL_NOT_FOUND", "nothing is asked");
  rig.say({ status: WAITING, waitingFor: "permission", asked: [bash, { ...bash, requestId: "r-2", answerable: false }] });
  await untilRow(client, "it asks", ({ approvals }) => approvals.length === 2);
  assert.equal(await refused(decide("r-2", Decision.ALLOW)), "NOT_HERE");
  assert.equal(await refused(decide("r-1", Decision.UNSPECIFIED)), "USAGE");
  const path = `${RUN_DIRECTORY}/answers/lead/r-1.json`;
  const decided = decide("r-1", Decision.DENY, 'not "today"');
  const answer = await eventually("the answer is there", () => rig.files.texts.get(path));
  assert.deepEqual(JSON.parse(answer), { decision: "deny", comment: 'not "today"' });
  assert.equal(await refused(decide("r-1", Decision.ALLOW)), "USAGE", "it was denied already");
  rig.say({ status: BUSY, resolvedRequestIds: ["r-1"] });
  assert.deepEqual([(await decided).confirmed, (await decided).detail], [true, "the agent took the answer"]);
  await eventually("the answer is taken back", () => !rig.files.texts.has(path));
  assert.deepEqual(
    rig.host.audit.of("agent.decide").map(({ actor, agent, facts }) => [actor, agent, facts]),
    [["desk:ada", "lead", { request_id: "r-1", tool: "Bash", decision: "deny", comment_length: 11 }]],
  );
});

test("who attaches to an agent whose hook hides its dialog is asked in the terminal, and no machine any more", async () => {
  for (const hookHidesDialog of [true, false]) {
    await using rig = new Rig();
    rig.manners = { ...manners, hookHidesDialog };
    const { client } = await rig.start();
    rig.say({ status: WAITING, waitingFor: "permission", asked: [bash] });
    await untilRow(client, "it asks", ({ approvals }) => approvals.length === 1);
    const answers = `${RUN_DIRECTORY}/answers/lead`;
    assert.equal(rig.files.texts.has(`${answers}/r-1.json`), false, "nobody is there");
    const over = new AbortController();
    const keys = async function* () {
      yield { step: { case: "open" as const, value: { agent: { name: "lead" }, sourceLabel: "ada" } } };
      await new Promise((resolve) => over.signal.addEventListener("abort", resolve, { once: true }));
    };
    const attached = (async () => {
      for await (const _ of client.attachTerminal(keys(), { signal: over.signal }));
    })().catch(() => {});
    const isAsk = (id: string) => rig.files.texts.get(`${answers}/${id}.json`) === '{"decision":"ask"}\n';
    if (hookHidesDialog) await eventually("its hook is to end", () => isAsk("r-1"));
    rig.say({ status: WAITING, asked: [{ ...bash, requestId: "r-2" }] });
    await untilRow(client, "it asks again", ({ approvals }) => approvals.length === 2);
    if (hookHidesDialog) await eventually("and that of the next one", () => isAsk("r-2"));
    await settle();
    assert.deepEqual([isAsk("r-1"), isAsk("r-2")], [hookHidesDialog, hookHidesDialog]);
    over.abort();
    await attached;
  }
});

test("a decision that can't be recorded or handed over is none", async () => {
  await using rig = new Rig();
  const { client } = await rig.start();
  rig.say({ asked: [bash] });
  await untilRow(client, "it asks", ({ approvals }) => approvals.length === 1);
  const decide = () => client.decide({ agent: { name: "lead" }, requestId: "r-1", decision: Decision.ALLOW });
  rig.host.audit.beforeRecord = async () => {
    throw new MosaicError("MACHINE", "the disk is full");
  };
  await assert.rejects(decide(), /the disk is full/);
  rig.host.audit.beforeRecord = async () => {};
  rig.files.failure = new MosaicError("MACHINE", "the folder is read-only");
  await assert.rejects(decide(), /read-only/);
  rig.files.failure = undefined;
  const decided = decide();
  await eventually("it is handed over", () => rig.files.texts.has(`${RUN_DIRECTORY}/answers/lead/r-1.json`));
  rig.say({ resolvedRequestIds: ["*"] });
  assert.equal((await decided).confirmed, true);
});
