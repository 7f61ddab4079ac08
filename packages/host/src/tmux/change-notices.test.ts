import assert from "node:assert/strict";
import { test } from "node:test";
import { tellsOfOutput, tellsOfPaneChange, WATCH_ALL_PANES } from "./change-notices.ts";

test("what a session prints is output and no change of panes", () => {
  assert.deepEqual([tellsOfOutput("output"), tellsOfPaneChange("output")], [true, false]);
  assert.deepEqual([tellsOfOutput("extended-output"), tellsOfPaneChange("extended-output")], [true, false]);
});

test("sessions that come and go are changes of panes and not of another session's screen", () => {
  assert.deepEqual([tellsOfPaneChange("sessions-changed"), tellsOfOutput("sessions-changed")], [true, false]);
});

test("pastes, modes and other clients are neither", () => {
  for (const name of [
    "paste-buffer-changed",
    "pane-mode-changed",
    "client-detached",
    "client-session-changed",
    "message",
    "exit",
  ]) {
    assert.deepEqual([tellsOfPaneChange(name), tellsOfOutput(name)], [false, false], name);
  }
});

test("the format that tmux watches holds no comma, which would part it", () => {
  assert.doesNotMatch(WATCH_ALL_PANES.text, /,/);
});
