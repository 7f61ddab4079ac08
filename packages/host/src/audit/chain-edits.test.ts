/** Any edit of a log is found: random ones, from a seed that a failure names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@mosaic/testkit";
import { EMPTY_HEAD, lineHash, verifyAudit } from "./chain.ts";
import { chainOf, linesOf } from "./chain-for-tests.ts";

const SEED = Number(process.env["MOSAIC_TEST_SEED"] ?? 20_261_121);
const EDITS = 2000;

/** One edit of a log, with the index of the first record that it touches. */
type Edit = (lines: readonly string[], pick: (below: number) => number) => { readonly lines: string[]; readonly index: number };

const EDITS_OF: Readonly<Record<string, Edit>> = {
  "a byte is changed": (lines, pick) => {
    const at = pick(lines.length);
    const line = lines[at] ?? "";
    const place = pick(line.length);
    const other = String.fromCharCode(0x21 + ((line.charCodeAt(place) - 0x21 + 1 + pick(90)) % 93));
    const changed = line.slice(0, place) + other + line.slice(place + 1);
    return { lines: lines.with(at, changed), index: changed === line ? 0 : at + 1 };
  },
  "a record is taken out": (lines, pick) => {
    const at = pick(lines.length);
    return { lines: lines.toSpliced(at, 1), index: at + 1 };
  },
  "several are taken out": (lines, pick) => {
    const at = pick(lines.length);
    return { lines: lines.toSpliced(at, 1 + pick(5)), index: at + 1 };
  },
  "two change places": (lines, pick) => {
    const [a, b] = [pick(lines.length), pick(lines.length)];
    const swapped = lines.with(a, lines[b] ?? "").with(b, lines[a] ?? "");
    return { lines: swapped, index: a === b ? 0 : Math.min(a, b) + 1 };
  },
  "one is moved": (lines, pick) => {
    const [a, b] = [pick(lines.length), pick(lines.length)];
    const moved = lines.toSpliced(a, 1).toSpliced(b, 0, lines[a] ?? "");
    return { lines: moved, index: a === b ? 0 : Math.min(a, b) + 1 };
  },
  "one is doubled": (lines, pick) => {
    const [a, b] = [pick(lines.length), pick(lines.length + 1)];
    // Found where the second one stands, which is the later of the two.
    return { lines: lines.toSpliced(b, 0, lines[a] ?? ""), index: b <= a ? b + 1 : a + 1 };
  },
  "one is written anew, and continues from the one before": (lines, pick) => {
    const at = pick(lines.length);
    const forged = { ...JSON.parse(lines[at] ?? ""), action: "agent.attach" };
    return { lines: lines.with(at, JSON.stringify(forged)), index: at + 1 };
  },
  "the rest of the chain is written anew": (lines, pick) => {
    const at = pick(lines.length);
    let prev = at === 0 ? EMPTY_HEAD.hash : lineHash(lines[at - 1] ?? "");
    const forged = lines.slice(at).map((line) => {
      const anew = JSON.stringify({ ...JSON.parse(line), prev, actor: "nobody" });
      prev = lineHash(anew);
      return anew;
    });
    // Only the place that was kept elsewhere tells: then the end is what is not as it was.
    return { lines: [...lines.slice(0, at), ...forged], index: lines.length };
  },
  "a line that is no record is put in": (lines, pick) => {
    const at = 1 + pick(lines.length);
    return { lines: lines.toSpliced(at, 0, JSON.stringify({ at: "t", action: "agent.attach", facts: {} })), index: at };
  },
};

test(`any of ${EDITS} random edits is found, and with its index (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const pick = (below: number) => Math.floor(random() * below);
  const names = Object.keys(EDITS_OF);
  let made = 0;
  for (let n = 0; n < EDITS; n += 1) {
    const { lines, head } = chainOf(1 + pick(40));
    const name = names[n % names.length] ?? "";
    const edit = EDITS_OF[name]?.(lines, pick);
    if (!edit || edit.index === 0) continue;
    made += 1;
    const { problems } = await verifyAudit(linesOf(edit.lines), { head });
    const found = problems.map(({ kind, index }) => `${kind} ${index}`);
    assert.ok(
      problems.some(({ index }) => index === edit.index),
      `seed ${SEED}, edit ${n}: ${name} at ${edit.index} of ${lines.length}; found: ${found}`,
    );
  }
  assert.ok(made > EDITS * 0.8, `${made}`);
});
