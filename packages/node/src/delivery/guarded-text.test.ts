/** What becomes of a text in which a guardrail finds something, at the host of its agent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGuardrails, textGuard } from "@mosaic/core/guardrails";
import { RecordingAudit } from "@mosaic/testkit";
import { DeliveryState, GuardMode } from "@mosaic/wire";
import { DeliveryHost } from "./delivery-for-tests.ts";
import { sha256 } from "./message-hashes.ts";

function hostWith(mode: string) {
  const audit = new RecordingAudit();
  const rules = parseGuardrails(`rules: [{ name: fish, mode: ${mode}, terms: [swordfish] }]`, "guardrails.yaml");
  const host = new DeliveryHost({ passText: textGuard({ guardrails: () => rules, audit, sha256 }) });
  return { host, audit };
}

test("a text is redacted before it is stored: what is typed, hashed and kept is what is left", async () => {
  const { host } = hostWith("redact");
  const sent = host.send("m-1", "the swordfish sings");
  await host.clock.advance(20);
  const { guard, textSha256, textBytes, state } = await sent;
  assert.deepEqual([guard?.mode, guard?.rules, state], [GuardMode.REDACTED, ["fish"], DeliveryState.ENTERED]);
  assert.deepEqual(host.typed, ["the [redacted] sings", "Enter"]);
  assert.deepEqual([textSha256, textBytes], [sha256("the [redacted] sings"), 20]);
  assert.equal(host.store.get("m-1")?.text, "the [redacted] sings");
  const again = host.send("m-1", "the swordfish sings");
  await host.clock.advance(20);
  assert.equal((await again).duplicate, true);
});

test("a text that is observed goes on as it is, and its receipt says so to the end", async () => {
  const { host, audit } = hostWith("observe");
  const sent = host.send("m-1", "the swordfish sings");
  await host.clock.advance(20);
  await sent;
  await host.accept("the swordfish sings", "t-1");
  assert.equal(host.receipt("m-1")?.guard?.mode, GuardMode.OBSERVED);
  assert.deepEqual(
    audit.entries.map(({ action, actor }) => [action, actor]),
    [["message.guard", "not said"]],
  );
});

test("a text that is blocked is neither stored nor typed", async () => {
  const { host } = hostWith("block");
  await assert.rejects(host.send("m-1", "the swordfish sings"), { code: "NOT_ALLOWED" });
  await host.clock.advance(20);
  assert.deepEqual([host.typed, host.store.get("m-1")], [[], undefined]);
});
