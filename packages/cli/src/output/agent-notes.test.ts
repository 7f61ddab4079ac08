import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentJson } from "@mosaic/wire";
import { agentJson, ago, hostJson } from "../fleet/builders-for-tests.ts";
import { freshReading } from "../fleet/ps-host.ts";
import { toPsItem } from "../fleet/ps-item.ts";
import { judgeItem } from "../fleet/status-item.ts";
import { notesOf } from "./agent-notes.ts";

const asks = { requestId: "toolu_1", tool: "Bash", summary: "npm test", sinceUnixMs: ago(41_000), answerable: true };
const waiting: Partial<AgentJson> = { state: "AGENT_STATE_WAITING", waitingFor: "permission", stateDetail: "asks" };

function item(more: Partial<AgentJson>, state = "HOST_STATE_LIVE") {
  return toPsItem(agentJson("alpha", "lead", more), freshReading(hostJson("alpha", { state: state as never })));
}

test("an agent that asks leave is told with what it asks for", () => {
  assert.equal(notesOf(item({ ...waiting, approvals: [asks] })), "permission: Bash: npm test");
  assert.equal(notesOf(item({ ...waiting, approvals: [asks, asks, asks] })), "permission: Bash: npm test (and 2 more)");
  assert.equal(notesOf(item({ ...waiting, approvals: [{ requestId: "x" }] })), "permission: something it does not say");
  assert.equal(notesOf(item({ ...waiting, waitingFor: "input", stateDetail: "which branch?" })), "input: which branch?");
});

test("messages that are held are counted at the condition, and others in words", () => {
  const held = { conditions: [{ type: "MESSAGE_HELD", message: "a draft" }], pendingMessages: 2 };
  assert.equal(notesOf(item(held)), "MESSAGE_HELD(2)");
  assert.equal(notesOf(item({ pendingMessages: 1 })), "1 message to come");
  assert.equal(notesOf(item({ pendingMessages: 3 })), "3 messages to come");
});

test("an agent whose hooks are dead says so", () => {
  assert.equal(notesOf(item({ conditions: [{ type: "HOOKLESS" }] })), "HOOKLESS");
});

test("what a STALE agent asked for is told as what was", () => {
  assert.equal(
    notesOf(item({ ...waiting, approvals: [asks] }, "HOST_STATE_UNREACHABLE")),
    "was waiting, permission: Bash: npm test",
  );
});

test("the next step for what can be answered is to read it, else the terminal", () => {
  const reading = freshReading(hostJson("alpha"));
  const next = (more: Partial<AgentJson>) => judgeItem(agentJson("alpha", "lead", { ...waiting, ...more }), reading).item.next;
  assert.equal(next({ approvals: [asks] }), "mosaic agent approvals list");
  assert.equal(next({ approvals: [{ ...asks, answerable: false }] }), "mosaic agent attach team-a/alpha/lead");
});
