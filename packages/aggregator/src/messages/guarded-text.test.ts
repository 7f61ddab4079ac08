/** What becomes of a text in which a guardrail finds something, where it comes in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError, silentLog } from "@mosaic/core";
import { parseGuardrails, textGuard } from "@mosaic/core/guardrails";
import { fromConnectError } from "@mosaic/rpc";
import {
  aHostStatus,
  anAgent,
  FakeClock,
  FakeMember,
  memoryMessageStore,
  RecordingAudit,
  RecordingTracer,
} from "@mosaic/testkit";
import { DeliveryState, GuardMode } from "@mosaic/wire";
import { startAggregator } from "../start-aggregator.ts";
import { FakeInbox } from "./inbox-for-tests.ts";
import { sha256 } from "./outbox.ts";

const { DELIVERED } = DeliveryState;

async function fleet(stack: AsyncDisposableStack, mode: string) {
  const [clock, audit, store, inbox] = [new FakeClock(), new RecordingAudit(), memoryMessageStore(), new FakeInbox()];
  const node = new FakeMember({ clock, host: "alpha" });
  node.setHost(aHostStatus({ host: "alpha" }));
  node.setRow(anAgent({ host: "alpha" }));
  node.handlers = inbox.handlers;
  const members = [{ name: "alpha", tenantId: "team-a", role: "node", addresses: [{ kind: "unix", path: "/alpha" }] }] as const;
  const openMembership = async () => ({ value: members, problem: undefined, reload: async () => {}, [Symbol.dispose]() {} });
  const rules = parseGuardrails(`rules: [{ name: fish, mode: ${mode}, terms: [swordfish] }]`, "guardrails.yaml");
  const passText = textGuard({ guardrails: () => rules, audit, sha256 });
  const deps = {
    ...{ clock, store, audit, passText, openMembership, log: silentLog, tracer: new RecordingTracer(), random: () => 1 },
    ...{ newId: () => "e", connect: () => node.connect() },
  };
  const own = { id: "own-id", host: "here", version: "1", pid: 1, listen: [] };
  const aggregator = stack.use(await startAggregator(deps, own));
  const { client } = stack.use(aggregator.connect());
  await clock.advance(100);
  const agent = { tenantId: "", host: "alpha", name: "lead" };
  const send = (text: string) => client.send({ messageId: "m-1", agent, text, waitFor: DELIVERED, waitMs: 1000 });
  return { send, store, audit, clock, inbox };
}

test("what is redacted is redacted in the outbox, and the host gets no more than that", async () => {
  await using stack = new AsyncDisposableStack();
  const { send, store, audit, clock } = await fleet(stack, "redact");
  const sent = send("the swordfish sings");
  await clock.advance(1100);
  const { receipt } = await sent;
  assert.deepEqual([receipt?.guard?.mode, receipt?.guard?.rules], [GuardMode.REDACTED, ["fish"]]);
  assert.equal(store.get("m-1")?.text, "the [redacted] sings");
  assert.deepEqual(
    audit.entries.map(({ action, facts }) => [action, facts?.["rules"]]),
    [["message.guard", "fish"]],
  );
});

test("what is blocked is refused to who sends, by the rule's name, and nothing is kept", async () => {
  await using stack = new AsyncDisposableStack();
  const { send, store } = await fleet(stack, "block");
  const error = await send("the swordfish sings").catch((thrown: unknown) => fromConnectError(thrown, "aggregator"));
  assert.ok(error instanceof MosaicError);
  assert.equal(error.code, "NOT_ALLOWED");
  assert.match(error.message, /guardrail "fish"/);
  assert.doesNotMatch(`${error.message}${error.hint}`, /swordfish/);
  assert.equal(store.get("m-1"), undefined);
});
