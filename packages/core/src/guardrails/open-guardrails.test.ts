import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeFiles } from "@mosaic/testkit";
import { silentLog } from "../ports/log.ts";
import { openGuardrails } from "./open-guardrails.ts";

const PATH = "/mosaic/fleet/guardrails.yaml";
const RULE = "rules: [{ name: a, mode: block, terms: [x] }]";

test("rules come into force with their file, and stay when it goes bad or away", async () => {
  const files = new FakeFiles();
  using guardrails = await openGuardrails(files, silentLog, PATH);
  const names = () => guardrails.value.rules.map(({ name }) => name);
  assert.deepEqual(names(), []);
  files.write(PATH, RULE);
  await guardrails.reload();
  assert.deepEqual(names(), ["a"]);
  files.write(PATH, "rules: nonsense");
  await guardrails.reload();
  assert.deepEqual([names(), guardrails.problem?.code], [["a"], "POLICY_INVALID"]);
  files.remove(PATH);
  await guardrails.reload();
  assert.deepEqual(names(), ["a"]);
  assert.match(guardrails.problem?.message ?? "", /is gone$/);
  files.write(PATH, "rules: []");
  await guardrails.reload();
  assert.deepEqual([names(), guardrails.problem], [[], undefined]);
});

test("rules that can't be used at the start are an error", async () => {
  const files = new FakeFiles();
  files.write(PATH, "rules: nonsense");
  await assert.rejects(openGuardrails(files, silentLog, PATH), { code: "POLICY_INVALID" });
});
