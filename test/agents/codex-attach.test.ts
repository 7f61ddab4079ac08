/** A real Codex under a real node: who attaches through Mosaic while it asks leave is asked in its own dialog, and answers there. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runtimeNamed } from "@mosaic/runtimes";
import { eventually } from "@mosaic/testkit";
import { DeliveryState } from "@mosaic/wire";
import { codexHomeWith } from "./codex-home.ts";
import { findAgents } from "./install-agents.ts";
import { startModelServer } from "./model/server.ts";
import { startNodeOver } from "./node-over-agent.ts";
import { startRealAgent } from "./real-agent.ts";

const adapter = runtimeNamed("codex");
const agents = await findAgents();
const options = { skip: "missing" in agents ? agents.missing : false, timeout: 300_000 };
const bin = "bin" in agents ? agents.bin : "";
const asking = codexHomeWith({ approvalPolicy: "on-request", sandboxMode: "read-only" });
/** It draws late on a busy machine. */
const PATIENCE_MS = 30_000;

test("codex: who attaches through Mosaic while it asks leave answers in its own dialog", options, async () => {
  await using model = await startModelServer();
  await using codex = await startRealAgent({ adapter, home: asking, bin, model });
  await codex.ready();
  await using node = await startNodeOver(codex, "codex");
  const agent = { name: codex.name };
  const asked = async () => (await node.client.list({})).agents.find(({ name }) => name === codex.name)?.approvals[0];
  const order = { messageId: crypto.randomUUID(), text: "RUN=touch allowed # with leave", sourceLabel: "test" };
  await node.client.send({ agent, ...order, waitFor: DeliveryState.ACCEPTED, waitMs: 30_000 });
  await eventually("it asks leave of a machine", async () => (await asked())?.answerable, PATIENCE_MS);
  const isOpen = async () => adapter.blockedBy?.(await codex.screen()) === "permission dialog";
  assert.equal(await isOpen(), false);

  const call = new AbortController();
  const input = async function* () {
    yield { step: { case: "open" as const, value: { agent, sourceLabel: "ada" } } };
    await eventually("its dialog", isOpen, PATIENCE_MS);
    // A dialog that has just opened takes no key for a moment.
    while (await isOpen()) {
      yield { step: { case: "input" as const, value: { data: new TextEncoder().encode("y") } } };
      await eventually("gone", async () => !(await isOpen()), 1_000).catch(() => {});
    }
    await new Promise((resolve) => call.signal.addEventListener("abort", resolve, { once: true }));
  };
  const attached = (async () => {
    for await (const _ of node.client.attachTerminal(input(), { signal: call.signal }));
  })().catch(() => {});
  await eventually("it asks who sits there", async () => (await asked())?.answerable !== true, PATIENCE_MS);
  await eventually("its command ran", () => existsSync(join(codex.workingDirectory, "allowed")), PATIENCE_MS);
  call.abort();
  await attached;
});
