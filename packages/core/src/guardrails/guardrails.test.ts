import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "../errors.ts";
import { type GuardMode, judgeText, MAX_FINDS, NO_GUARDRAILS } from "./guardrails.ts";
import { parseGuardrails } from "./parse-guardrails.ts";

const rulesOf = (...rules: readonly object[]) => parseGuardrails(JSON.stringify({ rules }), "guardrails.yaml");
const falcon = (mode: GuardMode) => ({ name: "falcon", mode, terms: ["Falcon", "blue harbor"] });

test("a text in which no rule finds anything goes on as it is", () => {
  const text = "falconry by the blue harbors, and nothing else";
  assert.deepEqual(judgeText(rulesOf(falcon("block")), text), { mode: undefined, rules: [], text });
  assert.deepEqual(judgeText(NO_GUARDRAILS, text).text, text);
});

test("words are found whole, in any case, and phrases over any white space", () => {
  const found = (text: string) => judgeText(rulesOf(falcon("redact")), text).text;
  assert.equal(found("FALCON, falcon's and (Falcon)!"), "[redacted], [redacted]'s and ([redacted])!");
  assert.equal(found("Blue\n  Harbor"), "[redacted]");
  assert.equal(found("éfalcon falcon_x falcon1"), "éfalcon falcon_x falcon1");
});

test("observe names the rule and changes nothing, redact takes out, block lets nothing on", () => {
  const text = "the falcon flies";
  assert.deepEqual(judgeText(rulesOf(falcon("observe")), text), { mode: "observe", rules: ["falcon"], text });
  assert.deepEqual(judgeText(rulesOf(falcon("redact")), text), {
    ...{ mode: "redact", rules: ["falcon"], text: "the [redacted] flies" },
  });
  assert.deepEqual(judgeText(rulesOf(falcon("block")), text), { mode: "block", rules: ["falcon"], text: "" });
});

test("the strongest rule decides, and a block names only what blocks", () => {
  const numbers = { name: "numbers", mode: "block", patterns: ["ACME-[0-9]{6}"] };
  const both = rulesOf(falcon("redact"), numbers, { ...falcon("observe"), name: "seen" });
  assert.deepEqual(judgeText(both, "falcon"), { mode: "redact", rules: ["falcon", "seen"], text: "[redacted]" });
  assert.deepEqual(judgeText(both, "falcon ACME-123456"), { mode: "block", rules: ["numbers"], text: "" });
});

test("what overlaps is taken out once", () => {
  const rules = rulesOf({ name: "a", mode: "redact", patterns: ["abcd", "cdef", "bc"] });
  assert.equal(judgeText(rules, "x abcdef y").text, "x [redacted] y");
});

test("a text with more places than are looked for is refused, not half redacted", () => {
  const many = "falcon ".repeat(MAX_FINDS);
  assert.equal(judgeText(rulesOf(falcon("redact")), many).mode, "block");
  assert.equal(judgeText(rulesOf(falcon("observe")), many).mode, "observe");
});

test("a text that was redacted once passes again unchanged", () => {
  const rules = rulesOf(falcon("redact"), { name: "keys", mode: "redact", secrets: true });
  const { text } = judgeText(rules, `falcon API_KEY="a1B2c3D4e5F6g7H8i9J0k1L2"`);
  assert.equal(text, `[redacted] API_KEY="[redacted]"`);
  assert.deepEqual(judgeText(rules, text), { mode: undefined, rules: [], text });
});

test("no pattern makes a text of the largest size take long", () => {
  for (const pattern of ["(a*)*b", "(a|a)*b", "(a|aa)+!", "a*a*a*a*b", "([a-z]+)+!", "(.*)(.*)(.*)(.*)=x"]) {
    const startMs = performance.now();
    judgeText(rulesOf({ name: "x", mode: "block", patterns: [pattern] }), "a".repeat(262_144));
    assert.ok(performance.now() - startMs < 10_000, pattern);
  }
});

const BAD: readonly [string, RegExp][] = [
  ["", /must be a mapping with rules/],
  ["rules: [", /guardrails\.yaml: /],
  ["rule: []", /unknown key "rule"/],
  ["rules: {}", /rules must be a list/],
  ["rules: [{ name: A b, mode: block, secrets: true }]", /rule 1: name must be/],
  ["rules: [{ name: a, mode: stop, secrets: true }]", /rule 1: mode is "stop"; it may be observe, redact, block/],
  ["rules: [{ name: a, mode: block }]", /rule 1: it looks for nothing/],
  ["rules: [{ name: a, mode: block, terms: [] }]", /terms must be a list/],
  ["rules: [{ name: a, mode: block, terms: [' '] }]", /terms must be a list/],
  ["rules: [{ name: a, mode: block, secrets: [aws, azure] }]", /secrets must be true, or a list of aws, /],
  ["rules: [{ name: a, mode: block, patterns: ['('] }]", /pattern 1 can't be used/],
  ["rules: [{ name: a, mode: block, patterns: ['(a)\\1'] }]", /pattern 1 can't be used/],
  ["rules: [{ name: a, mode: block, patterns: ['(?=a)'] }]", /pattern 1 can't be used/],
  ["rules: [{ name: a, mode: block, patterns: ['a*'] }]", /finds something in an empty text/],
  ["rules: [{ name: a, mode: block, patterns: ['(a{100}){9}'] }]", /too large/],
  ["rules: [{ name: a, mode: redact, terms: [redacted] }]", /finds the mark/],
  ["rules: [{ name: a, mode: block, secrets: true }, { name: a, mode: observe, secrets: true }]", /two rules are named "a"/],
  ["rules: []\naudit: { prompt_text: sure }", /audit\.prompt_text/],
];

test("rules that can't be used are refused with what is wrong", () => {
  for (const [text, message] of BAD)
    assert.throws(
      () => parseGuardrails(text, "guardrails.yaml"),
      (error) => error instanceof MosaicError && error.code === "POLICY_INVALID" && message.test(error.message),
      text,
    );
  assert.equal(parseGuardrails("rules: []\naudit: { prompt_text: true }", "g").keepsPromptText, true);
});
