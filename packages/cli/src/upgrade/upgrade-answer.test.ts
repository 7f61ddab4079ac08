import assert from "node:assert/strict";
import { test } from "node:test";
import { plainStyle } from "../output/style.ts";
import type { Change } from "./change-version.ts";
import type { Snapshot } from "./snapshot.ts";
import { type AnswerFrame, upgradeAnswer } from "./upgrade-answer.ts";

const version = (name: string) => ({ kind: "version", version: name }) as const;
const found = (node: string): Snapshot => ({
  daemons: [{ role: "node", answers: node !== "", version: node, pid: 7 }],
  hosts: [{ host: "alpha", state: "LIVE" }],
  agents: [{ name: "lead", live: true, why: "", pid: 21 }],
  ...{ conditions: [], mesh: null, problem: "" },
});
const kept: Change = {
  ...{ verdict: "kept", before: found("1.0.0"), after: found("1.1.0"), worse: [], undone: null, stillWorse: [] },
  daemons: [{ role: "node", outcome: "restarted", detail: "" }],
  units: { changed: ["/home/ada/.config/systemd/user/mosaic-node.service"], problems: [] },
  startedAnew: [],
};
const undone: Change = {
  ...kept,
  ...{ verdict: "undone", after: found(""), worse: ["mosaic-node does not answer"], undone: found("1.0.0") },
};

function answer(change: Change, more: Partial<AnswerFrame> = {}) {
  const { verdict } = change;
  const [from, to] = [version("1.0.0"), version("1.1.0")];
  const current = verdict === "kept" ? "1.1.0" : "1.0.0";
  return upgradeAnswer({ verb: "upgrade", verdict, from, to, current, change, ...more });
}

const textOf = (result: ReturnType<typeof answer>) => result.text?.({ columns: undefined, style: plainStyle });

test("the fields of the answer are a contract", () => {
  const { envelope = {} } = answer(kept);
  assert.deepEqual(Object.keys(envelope), [
    ...["schema", "complete", "verdict", "from", "to", "current", "sha256", "verified", "worse", "still_worse"],
    ...["found_before", "found_after", "found_undone", "daemons", "files", "started_anew", "removed", "problems"],
  ]);
});

test("an upgrade that is kept says how it stood before and after, and how to go back", () => {
  const result = answer(kept);
  assert.equal(result.exitCode, 0);
  assert.equal(
    textOf(result),
    [
      "before    node 1.0.0 answers; host alpha LIVE; 1 of 1 agents live",
      "after     node 1.1.0 answers; host alpha LIVE; 1 of 1 agents live",
      "written   /home/ada/.config/systemd/user/mosaic-node.service",
      "Upgraded from 1.0.0 to 1.1.0. Back again: mosaic rollback\n",
    ].join("\n"),
  );
});

test("an upgrade that is undone fails, and a rollback that undoes a half done upgrade is what was wanted", () => {
  const result = answer(undone);
  assert.equal(result.exitCode, 1);
  assert.match(textOf(result) ?? "", /^worse {5}mosaic-node does not answer$/m);
  assert.match(textOf(result) ?? "", /\nUndone: 1\.0\.0 is used as before, and not 1\.1\.0\.\n$/);
  assert.equal(answer(undone, { verb: "rollback" }).exitCode, 0);
  assert.equal(answer({ ...undone, verdict: "worse" }, { verb: "rollback" }).exitCode, 1);
});

test("a daemon that was left alone is named with what keeps it", () => {
  const daemons = [{ role: "node", outcome: "left alone", detail: "it runs in a terminal" }] as const;
  assert.match(
    textOf(answer({ ...kept, daemons })) ?? "",
    /^left {6}mosaic-node runs on as it was \(it runs in a terminal\): start it anew by hand$/m,
  );
});
