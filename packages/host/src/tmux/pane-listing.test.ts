import assert from "node:assert/strict";
import { test } from "node:test";
import { LIST_ALL_PANES, parsePanes } from "./pane-listing.ts";

const row = (...fields: readonly string[]) => fields.join("\t");
const alive = row("%4", "4121", "0", "", "", "120", "40", "1", "1795252503", "lead", "claude");

test("a live pane is read with its size, screen and last activity in milliseconds", () => {
  assert.deepEqual(parsePanes([alive]), [
    {
      session: "lead",
      paneId: "%4",
      pid: 4121,
      command: "claude",
      isDead: false,
      exitStatus: undefined,
      columns: 120,
      rows: 40,
      isAlternateScreen: true,
      lastActivityUnixMs: 1_795_252_503_000,
    },
  ]);
});

test("a dead pane has no process, and its exit status where tmux knows it", () => {
  const dead = (status: string, signal: string) => row("%4", "4121", "1", status, signal, "120", "40", "0", "1", "lead", "sh");
  const [exited, killed, named, unknown] = parsePanes([dead("3", ""), dead("", "9"), dead("", "kill"), dead("", "")]);
  assert.deepEqual([exited?.pid, exited?.isDead, exited?.exitStatus], [0, true, 3]);
  assert.equal(killed?.exitStatus, 137);
  assert.equal(named?.exitStatus, 137);
  assert.equal(unknown?.exitStatus, undefined);
});

test("session names may hold colons, dots and spaces, and a command anything", () => {
  const [pane] = parsePanes([row("%1", "1", "0", "", "", "80", "24", "0", "1", "a.b: é", "x\t%9\t y")]);
  assert.deepEqual([pane?.session, pane?.command], ["a.b: é", "x\t%9\t y"]);
});

test("the rest of a command name with a line end in it is no pane", () => {
  assert.deepEqual(
    parsePanes([alive, "rest of the name", ""]).map((pane) => pane.paneId),
    ["%4"],
  );
});

test("the question is one line", () => {
  assert.equal(LIST_ALL_PANES.blocks, 1);
  assert.doesNotMatch(LIST_ALL_PANES.text, /\n/);
});
