import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { DEAD_PANE } from "./command-line.ts";
import type { LineReply } from "./control-connection.ts";
import { assertPaneReplies, refusalMeans } from "./tmux-errors.ts";

const failed = (message: string): LineReply => ({ isOk: false, outputs: [], message });
const codeOf = (replies: readonly LineReply[] | undefined) => {
  try {
    assertPaneReplies("capture", "%4", replies);
    return "none";
  } catch (error) {
    return MosaicError.from(error).code;
  }
};

test("a pane that is gone or dead, or has no server, is AGENT_NOT_RUNNING, and other trouble is MACHINE", () => {
  assert.equal(codeOf(undefined), "AGENT_NOT_RUNNING");
  assert.equal(codeOf([failed("can't find pane: %4")]), "AGENT_NOT_RUNNING");
  assert.equal(codeOf([failed("target pane has exited")]), "AGENT_NOT_RUNNING");
  assert.equal(codeOf([{ isOk: true, outputs: [[], [DEAD_PANE]], message: "" }]), "AGENT_NOT_RUNNING");
  assert.equal(codeOf([failed("no buffer x")]), "MACHINE");
  assert.equal(codeOf([{ isOk: true, outputs: [[DEAD_PANE]], message: "" }]), "none");
});

test("tmux's refusals are told apart", () => {
  assert.equal(refusalMeans("no server running on /tmp/tmux-0/x"), "no-server");
  assert.equal(refusalMeans("server exited unexpectedly"), "no-server");
  assert.equal(refusalMeans("can't find session: x"), "no-session");
  assert.equal(refusalMeans("no sessions"), "no-session");
  assert.equal(refusalMeans("access not allowed"), "trouble");
  assert.equal(refusalMeans(""), "trouble");
});
