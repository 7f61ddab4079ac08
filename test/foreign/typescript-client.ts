/** Mosaic as another service in TypeScript sees it: packages/client against real daemons. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { AgentState, connectFleet, DeliveryState, type Fleet, newMessageId } from "@mosaic/client";
import type { DemoFleet } from "../mesh/demo-fleet.ts";
import type { OtlpCollector } from "../mesh/otlp-collector.ts";

const [traceId, spanId] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];

/** Puts the client to work on a demo fleet of two hosts with two agents each, whose daemons tell their spans to the collector. It ends
 *  with the death of the aggregator, which is brought up again. */
export async function putClientToWork(t: TestContext, demo: DemoFleet, collector: OtlpCollector): Promise<void> {
  const endpoint = `unix:${join(demo.directory, "fleet/run/aggregator.sock")}`;
  await using fleet = connectFleet({ endpoint, sourceLabel: "billing:nightly", traceparent: `00-${traceId}-${spanId}-01` });
  await t.test("the TypeScript client lists agents and hosts, from memory and live", () => lists(fleet));
  await t.test("it sends on its own trace, waits for the answer and reads it", () => sends(fleet, demo, collector));
  await t.test("it keeps to the deadline it was given, and names who is not there", () => fails(fleet));
  await t.test("it watches over the death of the aggregator, and misses nothing", () => watches(fleet, demo));
}

async function lists(fleet: Fleet): Promise<void> {
  for (const isLive of [false, true]) {
    const { agents, hosts } = await fleet.list({ names: ["lead"], isLive });
    assert.deepEqual(
      agents.map(({ host, name }) => `${host}/${name}`),
      ["alpha/lead", "beta/lead"],
    );
    assert.deepEqual(
      hosts.map(({ host }) => host),
      ["alpha", "beta"],
    );
  }
}

async function sends(fleet: Fleet, demo: DemoFleet, collector: OtlpCollector): Promise<void> {
  const sent = await fleet.send({ to: "beta/lead", text: "from a service", waitFor: DeliveryState.ACCEPTED });
  assert.ok([DeliveryState.ACCEPTED, DeliveryState.ANSWERED].includes(sent.state as never), `${sent.state}`);
  const answered = await fleet.waitFor(sent.messageId, DeliveryState.ANSWERED, { deadlineMs: 20_000 });
  assert.deepEqual([answered.state, answered.sourceLabel], [DeliveryState.ANSWERED, "billing:nightly"]);
  const { lines } = await fleet.tail("demo/beta/lead", 20);
  assert.ok(
    lines.some((line) => line.includes("from a service")),
    lines.join("\n"),
  );
  const [message] = await fleet.messages({ messageIds: [sent.messageId] });
  assert.equal(message?.text, "from a service");
  const again = await fleet.send({ to: "beta/lead", text: "from a service", messageId: sent.messageId });
  assert.equal(again.duplicate, true, "the same id is not typed twice");
  await demo.eventually("the node's span", () =>
    collector.spans.some((span) => span.service === "mosaic-node" && span.traceId === traceId && span.kind === "server"),
  );
}

async function fails(fleet: Fleet): Promise<void> {
  await assert.rejects(fleet.send({ to: "alpha/leed", text: "x" }), { code: "AGENT_NOT_FOUND", hint: /lead/ });
  const messageId = newMessageId();
  const slow = { to: "alpha/coder0", text: "stub:slow=5000", messageId, waitFor: DeliveryState.ANSWERED, waitMs: 60_000 };
  await assert.rejects(fleet.send(slow, { deadlineMs: 700 }), { code: "DEADLINE" });
  await assert.rejects(fleet.waitFor(messageId, DeliveryState.ANSWERED, { deadlineMs: 300 }), { code: "DEADLINE" });
  await fleet.send({ to: "alpha/coder0", text: "stub:normal", waitFor: DeliveryState.QUEUED });
}

async function watches(fleet: Fleet, demo: DemoFleet): Promise<void> {
  const stop = new AbortController();
  const states = new Map<string, AgentState>();
  const steps: string[] = [];
  const watching = (async () => {
    for await (const update of fleet.watch(stop.signal, { hosts: ["alpha"] })) {
      if (update.kind === "agent") states.set(update.agent.name, update.agent.state);
      if (update.kind === "lost" || update.kind === "current") steps.push(update.kind);
    }
  })();
  await demo.eventually("the first view", () => steps.includes("current"));
  assert.deepEqual([...states.keys()].toSorted(), ["coder0", "lead"]);
  demo.kill("aggregator", "SIGKILL");
  await demo.eventually("the loss is told", () => steps.includes("lost"));
  await demo.restart();
  await demo.eventually("the view is current again", () => steps.at(-1) === "current");
  await fleet.send({ to: "alpha/lead", text: "stub:waiting=permission" });
  await demo.eventually("the change is seen", () => states.get("lead") === AgentState.WAITING);
  stop.abort();
  await watching;
}
