import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "../errors.ts";
import { parseRoster } from "./parse-roster.ts";
import type { Roster } from "./roster.ts";

const parse = (text: string): Roster => parseRoster(text, { file: "roster.yaml", defaultTenant: "ada", defaultHost: "atlas" });
const head = "version: 1\ntransport: tmux\n";

function refusal(text: string): { lines: string[]; hint: string } {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof MosaicError && error.code === "ROSTER_INVALID", String(error));
    return { lines: error.message.split("\n"), hint: error.hint ?? "" };
  }
  throw new Error(`accepted: ${text.slice(0, 200)}`);
}

test("hostile texts are refused within seconds", () => {
  const nines = (name: string): string => `[${Array(9).fill(`*${name}`).join(",")}]`;
  const bomb = [
    "a: &a [x,x,x,x,x,x,x,x,x]",
    ...["b", "c", "d", "e", "f"].map((key, index) => `${key}: &${key} ${nines("abcdef"[index] ?? "")}`),
  ].join("\n");
  assert.match(refusal(bomb).hint, /alias/);
  assert.match(refusal(`x: &x 1\ny: [${"*x,".repeat(100_000)}]`).hint, /alias/);
  assert.match(refusal("[".repeat(300_000)).lines[0] ?? "", /nested too deeply/);
  assert.match(
    refusal(Array.from({ length: 40_000 }, (_, index) => `k${index}: 1`).join("\n")).lines[0] ?? "",
    /not a key|has no/,
  );
  assert.match(refusal("a: 1\n".repeat(100_000)).lines[0] ?? "", /twice/);
  assert.deepEqual(refusal(`# ${"x".repeat(1024 * 1024)}`).lines, ["roster.yaml: the roster is larger than 1048576 bytes"]);
  assert.deepEqual(refusal(`# ${"é".repeat(600_000)}`).lines, ["roster.yaml: the roster is larger than 1048576 bytes"]);
});

test("a roster of 5000 agents is read", () => {
  const agents = Array.from({ length: 5000 }, (_, index) => `  - { name: a${index}, runtime: stub }\n`).join("");
  assert.equal(parse(`${head}agents:\n${agents}`).agents.length, 5000);
});

test("3000 mangled rosters are either read or refused as such, and never crash", () => {
  let seed = 99;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const whole = `${head}tmux: { socket_name: other }
defaults: { working_directory: /srv }
runtimes: { pi: { reset_command: /new }, claude: {} }
agents:
  - &first { name: A_b.c-9, runtime: command, command: [python3, "", "two words"], model_hint: &hint big }
  - name: plain
    runtime: codex
    model_hint: *hint
    persistent_persona: "line one\\nline two"
`;
  let read = 0;
  for (let round = 0; round < 3000; round++) {
    let text = whole;
    for (let cuts = random(3); cuts >= 0; cuts--) {
      const from = random(text.length);
      const inserted = ["", ":", "- ", "\n", "  ", "[", "}", "*a", "&a ", "!x ", '"', "? ", "---\n", "null"][random(14)];
      text = text.slice(0, from) + inserted + text.slice(from + random(4));
    }
    try {
      parse(text);
      read++;
    } catch (error) {
      assert.ok(error instanceof MosaicError && error.code === "ROSTER_INVALID", `${String(error)} on ${text}`);
    }
  }
  assert.ok(read > 50 && read < 2950, `${read} read`);
});
