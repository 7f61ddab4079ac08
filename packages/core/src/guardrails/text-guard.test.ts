import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordingAudit } from "@mosaic/testkit";
import { GuardMode } from "@mosaic/wire";
import { MosaicError } from "../errors.ts";
import { parseGuardrails } from "./parse-guardrails.ts";
import { textGuard } from "./text-guard.ts";

const agent = { tenantId: "team-a", host: "alpha", name: "lead" };
const CANARY = "swordfish";

function guardOf(mode: string, more = "") {
  const audit = new RecordingAudit();
  const rules = parseGuardrails(`rules: [{ name: fish, mode: ${mode}, terms: [${CANARY}] }]\n${more}`, "g");
  const pass = textGuard({ guardrails: () => rules, audit, sha256: (text) => `hash of ${text.length}` });
  const send = (text: string, isSealed = false) => pass({ messageId: "m-1", agent, actor: "desk:ada", text, isSealed });
  return { audit, send };
}

test("what no rule finds passes, and is on no record", async () => {
  const { audit, send } = guardOf("block");
  assert.deepEqual(await send("hello"), { text: "hello", guard: undefined });
  assert.deepEqual(audit.entries, []);
});

test("what is redacted is on record by rule, hash and length of what is stored", async () => {
  const { audit, send } = guardOf("redact");
  const { text, guard } = await send(`the ${CANARY} sings`);
  assert.equal(text, "the [redacted] sings");
  assert.deepEqual([guard?.mode, guard?.rules], [GuardMode.REDACTED, ["fish"]]);
  assert.deepEqual(audit.entries, [
    {
      ...{ action: "message.guard", actor: "desk:ada", tenantId: "team-a", host: "alpha", agent: "lead" },
      facts: { message_id: "m-1", text_bytes: 20, text_sha256: "hash of 20", mode: "redact", rules: "fish" },
    },
  ]);
});

test("what is blocked is refused with the rule's name, and neither error nor record holds the text or its hash", async () => {
  const { audit, send } = guardOf("block", "audit: { prompt_text: true }");
  await assert.rejects(send(`the ${CANARY} sings`), (error: MosaicError) => {
    assert.equal(error.code, "NOT_ALLOWED");
    assert.equal(
      error.message,
      'the text for team-a/alpha/lead was stopped by the guardrail "fish": it holds what may not be sent',
    );
    assert.doesNotMatch(`${error.hint}${error.stack}`, /swordfish/);
    return true;
  });
  assert.deepEqual(audit.entries[0]?.facts, { message_id: "m-1", text_bytes: 19, mode: "block", rules: "fish" });
});

test("a signed text is never changed: it is refused where it would have to be", async () => {
  const { audit, send } = guardOf("redact");
  await assert.rejects(send(CANARY, true), /its sender has signed it as it is/);
  assert.equal(audit.entries[0]?.facts?.["mode"], "block");
  assert.equal((await guardOf("observe").send(CANARY, true)).guard?.mode, GuardMode.OBSERVED);
});

test("texts are on record only where the tenant asks for it, and then as they are stored", async () => {
  const { audit, send } = guardOf("redact", "audit: { prompt_text: true }");
  await send("hello");
  await send(CANARY);
  assert.deepEqual(
    audit.entries.map(({ action, facts }) => [action, facts?.["text"]]),
    [
      ["message.send", "hello"],
      ["message.guard", "[redacted]"],
    ],
  );
});

test("what can't be put on record is not let on", async () => {
  const { audit, send } = guardOf("observe");
  audit.beforeRecord = async () => {
    throw new MosaicError("MACHINE", "no space is left on the disk");
  };
  await assert.rejects(send(CANARY), /no space is left/);
  assert.equal((await send("hello")).text, "hello");
});
