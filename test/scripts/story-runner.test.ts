import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProgramEnd } from "../mesh/run-program.ts";
import { isLineMatch, mismatchOf } from "./match-lines.ts";
import { parseStory, splitWords } from "./story.ts";
import { runStory } from "./story-runner.ts";

const HEAD = "@fleet hosts=3 agents=2\n# What it is about.\n";

describe("a story", () => {
  test("says what it needs, what is typed and what is answered", () => {
    const { fleet, steps } = parseStory(
      `${HEAD}\n$ mosaic fleet ps --host "a b"\none\n\ntwo\n! talk\n? 3\n\n# and then\n$ mosaic help\n`,
      "s",
    );
    assert.deepEqual(fleet, { kind: "demo", hosts: 3, agents: 2 });
    assert.deepEqual(
      steps.map(({ line, argv, stdout, stderr, exitCode }) => ({ line, argv, stdout, stderr, exitCode })),
      [
        { line: 4, argv: ["mosaic", "fleet", "ps", "--host", "a b"], stdout: ["one", "", "two"], stderr: ["talk"], exitCode: 3 },
        { line: 12, argv: ["mosaic", "help"], stdout: [], stderr: [], exitCode: 0 },
      ],
    );
  });

  test("that can't be understood is refused with its place", () => {
    assert.throws(() => parseStory("$ mosaic help\n", "s.story"), /s\.story: begins with neither/);
    assert.throws(() => parseStory("@none\nprose\n$ mosaic help\n", "s.story"), /one @ line, not: prose/);
    assert.throws(() => parseStory("@none\n", "s.story"), /has no command/);
    assert.throws(() => parseStory("@none\n$ mosaic help\n? 1\n? 2\n", "s.story"), /s\.story:2: wants one exit code/);
    assert.throws(() => splitWords('mosaic "help'), /does not end/);
  });

  test("keeps quoted words together", () => {
    assert.deepEqual(splitWords(`mosaic call '{"a": 1}' "it's" a"b c"d ""`), ["mosaic", "call", '{"a": 1}', "it's", "ab cd", ""]);
  });
});

describe("expected lines", () => {
  test("hold wildcards within a line, and nothing else that is special", () => {
    assert.equal(isLineMatch("pid [..] (ok)", "pid 42 (ok)"), true);
    assert.equal(isLineMatch("pid [..] (ok)", "pid 42 (no)"), false);
    assert.equal(isLineMatch("a.c", "abc"), false);
  });

  test("hold wildcards for lines, wherever they are", () => {
    for (const expected of [
      ["..."],
      ["a", "..."],
      ["...", "d"],
      ["a", "...", "c", "d"],
      ["...", "b", "...", "d"],
      ["a", "b", "...", "c", "d"],
    ]) {
      assert.equal(mismatchOf(expected, ["a", "b", "c", "d"]), undefined, expected.join());
    }
    for (const expected of [["...", "c"], ["b", "..."], ["a", "...", "b"], ["a", "d"], []]) {
      assert.notEqual(mismatchOf(expected, ["a", "b", "c", "d"]), undefined, expected.join());
    }
  });

  test("that differ are shown at the furthest place that could be reached", () => {
    assert.equal(mismatchOf(["a", "...", "c", "x"], ["a", "b", "c", "d"]), "at line 4\n    expected: x\n    actual:   d");
    assert.match(mismatchOf(["a"], ["a", "b"]) ?? "", /line 2\n {4}expected: \(no more lines\)\n {4}actual: {3}b/);
  });
});

describe("a run of a story", () => {
  const end = (change: Partial<ProgramEnd>): ProgramEnd => ({
    stdout: "",
    stderr: "",
    exitCode: 0,
    signal: undefined,
    durationMs: 1,
    ...change,
  });
  const run = (text: string, answer: Partial<ProgramEnd>) =>
    runStory(parseStory(`@none\n${text}`, "s"), { mosaic: async () => end(answer), values: { dir: "/d" } }, "s");

  test("passes when everything is as told", () =>
    run("$ mosaic x {dir}\nin {dir}\n! talk\n? 3\n", { stdout: "in /d\n", stderr: "talk\n", exitCode: 3 }));

  test("fails on another exit code, on more output, on talk that was not told", async () => {
    await assert.rejects(run("$ mosaic x\n", { exitCode: 1 }), /s:2: \$ mosaic x\nexit code 1, expected 0/);
    await assert.rejects(run("$ mosaic x\n", { stdout: "more\n" }), /stdout differs at line 1[\s\S]*--- stdout ---\nmore\n/);
    await assert.rejects(run("$ mosaic x\n", { stderr: "oops\n" }), /stderr differs at line 1/);
  });

  test("runs nothing but mosaic", () => assert.rejects(run("$ rm -rf x\n", {}), /runs mosaic and nothing else, not rm/));
});
