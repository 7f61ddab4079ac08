import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import type { Flag } from "./declared.ts";
import { parseDurationMs } from "./duration.ts";
import { parseFlags } from "./parse-flags.ts";

const FLAGS: readonly Flag[] = [
  { name: "message", short: "m", kind: "text", value: "text", help: "" },
  { name: "verify", kind: "boolean", help: "" },
  { name: "tenant", kind: "texts", help: "" },
  { name: "lines", short: "n", kind: "integer", help: "" },
  { name: "timeout", kind: "duration", help: "" },
  { name: "wait", kind: "choice", choices: ["entered", "accepted"], help: "" },
  { name: "endpoint", kind: "text", env: "MOSAIC_ENDPOINT", help: "" },
  { name: "verbose", kind: "boolean", env: "MOSAIC_DEBUG", help: "" },
];
const parse = (argv: string[], env: Record<string, string> = {}) => parseFlags(argv, FLAGS, env, "mosaic x --help");

function refusal(argv: string[]): { message: string; hint: string | undefined } {
  try {
    parse(argv);
  } catch (error) {
    assert.ok(error instanceof MosaicError && error.code === "USAGE", String(error));
    return { message: error.message, hint: error.hint };
  }
  return assert.fail(`accepted: ${argv.join(" ")}`);
}

test("flags are read in every usual form, and arguments may stand between them", () => {
  const { args, flags } = parse([
    "lead",
    "-n80",
    "--message=a b",
    "--tenant",
    "a,b",
    "x",
    "--tenant=c",
    "--verify",
    "--timeout",
    "2m",
  ]);
  assert.deepEqual(args, ["lead", "x"]);
  assert.equal(flags.integer("lines"), 80);
  assert.equal(flags.text("message"), "a b");
  assert.deepEqual(flags.texts("tenant"), ["a", "b", "c"]);
  assert.equal(flags.boolean("verify"), true);
  assert.equal(flags.durationMs("timeout"), 120_000);
});

test("what is not given is undefined, false or empty", () => {
  const { flags } = parse([]);
  assert.deepEqual([flags.text("message"), flags.boolean("verify"), flags.texts("tenant")], [undefined, false, []]);
});

test("after -- everything is an argument", () => {
  assert.deepEqual(parse(["--", "--verify", "-n"]).args, ["--verify", "-n"]);
});

test("a text may begin with a dash, unless it is a flag of the same command", () => {
  assert.equal(parse(["--message", "- fix the tests"]).flags.text("message"), "- fix the tests");
  assert.equal(parse(["--message=--verify"]).flags.text("message"), "--verify");
  assert.match(refusal(["--message", "--verify"]).message, /--message needs a value: text/);
});

test("a variable stands in for a flag that is absent, and only then", () => {
  const env = { MOSAIC_ENDPOINT: "/from/env" };
  const absent = parse([], env).flags;
  assert.deepEqual([absent.text("endpoint"), absent.wasTyped("endpoint")], ["/from/env", false]);
  const given = parse(["--endpoint", "/typed"], env).flags;
  assert.deepEqual([given.text("endpoint"), given.wasTyped("endpoint")], ["/typed", true]);
  assert.equal(parse([], { MOSAIC_ENDPOINT: "" }).flags.text("endpoint"), undefined);
  assert.equal(parse([], { MOSAIC_DEBUG: "1" }).flags.boolean("verbose"), true);
  assert.equal(parse([], { MOSAIC_DEBUG: "0" }).flags.boolean("verbose"), false);
});

test("an unknown flag is refused with near ones", () => {
  assert.deepEqual(refusal(["--verfy"]), { message: "unknown flag --verfy", hint: "did you mean --verify?" });
  assert.deepEqual(refusal(["--zzzzzz"]), { message: "unknown flag --zzzzzz", hint: "see mosaic x --help" });
  assert.match(refusal(["-q"]).message, /unknown flag -q/);
});

test("values of the wrong kind are refused by name", () => {
  assert.match(refusal(["-n", "many"]).message, /-n: not a whole number: "many"/);
  assert.match(refusal(["--lines", "-5"]).message, /--lines: not a whole number/);
  assert.deepEqual(refusal(["--wait", "acepted"]), {
    message: '--wait: "acepted" is none of entered, accepted',
    hint: "did you mean accepted?",
  });
  assert.match(refusal(["--verify=yes"]).message, /--verify takes no value/);
  assert.match(refusal(["--timeout", "5"]).message, /--timeout: not a length of time: "5"/);
  assert.match(refusal(["--message"]).message, /--message needs a value/);
});

test("lengths of time have a unit", () => {
  const cases: [string, number][] = [
    ["500ms", 500],
    ["5s", 5000],
    ["2m", 120_000],
    ["1.5h", 5_400_000],
    ["1d", 86_400_000],
    ["0s", 0],
  ];
  for (const [text, ms] of cases) assert.equal(parseDurationMs(text, "x"), ms);
  for (const text of ["", "5", "s", "-5s", "5 s", "1e3s", "25d", "99999999999s", "5S"])
    assert.throws(() => parseDurationMs(text, "x"), MosaicError);
});

test("asking for a flag that is not declared, or as another kind, is a bug", () => {
  const { flags } = parse([]);
  assert.throws(() => flags.text("mesage"), /no flag --mesage/);
  assert.throws(() => flags.boolean("message"), /of kind boolean/);
});
