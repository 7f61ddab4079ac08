import assert from "node:assert/strict";
import { test } from "node:test";
import { agentWord, meshWord } from "./enum-text.ts";

test("words of the agent are in lower case, words of the mesh in capitals", () => {
  assert.equal(agentWord("AGENT_STATE_WORKING", "AGENT_STATE_"), "working");
  assert.equal(meshWord("HOST_STATE_NEVER_SEEN", "HOST_STATE_"), "NEVER_SEEN");
});

test("what is not said is unknown", () => {
  for (const value of [undefined, "AGENT_STATE_UNSPECIFIED"]) {
    assert.equal(agentWord(value, "AGENT_STATE_"), "unknown");
    assert.equal(agentWord(value, "AGENT_STATE_", "none"), "none");
  }
  assert.equal(meshWord(undefined, "HOST_STATE_"), "UNKNOWN");
});

test("values from the future are shown as they came", () => {
  assert.equal(agentWord(17, "AGENT_STATE_"), "17");
  assert.equal(agentWord("AGENT_STATE_PONDERING", "AGENT_STATE_"), "pondering");
  assert.equal(meshWord("SOMETHING_ELSE", "HOST_STATE_"), "SOMETHING_ELSE");
  assert.equal(meshWord(42, "HOST_STATE_"), "42");
});
