import assert from "node:assert/strict";
import { test } from "node:test";
import { Evidence, HeartbeatStatus } from "@mosaic/core";
import { claudeSettings } from "./claude-settings.ts";
import { claudeStateFile, hearClaudeState } from "./claude-state.ts";
import { hearClaudeTranscript } from "./claude-transcript.ts";
import { hearClaude } from "./hear-claude.ts";

// As 2.1.197 wrote them, with shorter ids.
const base = { session_id: "85aa", transcript_path: "/h/.claude/projects/-w/85aa.jsonl", cwd: "/w" };
const conversation = { sessionId: "85aa", transcriptPath: base.transcript_path };
const hear = (event: object) => hearClaude({ payload: { ...base, ...event }, atUnixMs: 1 });

test("a start is ready, and one that only compacted says nothing of the agent", () => {
  const start = { hook_event_name: "SessionStart", model: "claude-sonnet-4-5" };
  assert.deepEqual(hear({ ...start, source: "startup" }), {
    ...{ status: HeartbeatStatus.READY, resolvedRequestIds: ["*"] },
    ...conversation,
  });
  assert.deepEqual(hear({ ...start, source: "compact" }), conversation);
});

test("a prompt is accepted with its text and turn; one that was cut only says that a turn began", () => {
  const prompt = { prompt_id: "p1", permission_mode: "default", hook_event_name: "UserPromptSubmit", prompt: " two\nlines" };
  const busy = { status: HeartbeatStatus.BUSY, turnId: "p1", resolvedRequestIds: ["*"], ...conversation };
  assert.deepEqual(hear(prompt), { ...busy, accepted: [{ text: " two\nlines", turnId: "p1", evidence: Evidence.HOOK }] });
  assert.deepEqual(hear({ ...prompt, prompt: undefined, mosaic_cut: true }), { ...busy, accepted: [] });
  const traceparent = "00-144f5ec235c3e208c0c1a91184920f40-5629e01f7ba94a4a-01";
  assert.equal(hear({ ...prompt, mosaic_traceparent: traceparent })?.traceparent, traceparent, "and with its own trace");
});

test("a turn ends as idle, or fails with a reason", () => {
  const stop = hear({ hook_event_name: "Stop", prompt_id: "p1", stop_hook_active: false, last_assistant_message: "done" });
  assert.deepEqual([stop?.status, stop?.endedTurnIds], [HeartbeatStatus.IDLE, ["p1"]]);
  const failures = [
    ["authentication_failed", "Please run /login · API Error: 401 no", "auth"],
    ["rate_limit", "API Error: Request rejected (429) · no", "rate_limit"],
    ["server_error", "API Error: 529 no. This is a server-side issue", "overloaded"],
    ["server_error", "API Error: 500 no. This is a server-side issue", "server_error"],
    ["unknown", "API Error: 400 no", "error"],
  ];
  for (const [error, words, detail] of failures) {
    const failed = hear({ hook_event_name: "StopFailure", prompt_id: "p1", error, last_assistant_message: words });
    assert.deepEqual([failed?.status, failed?.detail], [HeartbeatStatus.FAILED, detail]);
    assert.deepEqual(failed?.brokenTurns, [{ turnId: "p1", isInterrupted: false, detail: `${detail}: ${words}` }]);
  }
});

test("a request for leave waits for it, a question for an answer that no machine gives", () => {
  const request = { hook_event_name: "PermissionRequest", prompt_id: "p1", mosaic_request_id: "1-2", mosaic_answerable: true };
  const asked = hear({ ...request, tool_name: "Bash", tool_input: { command: "touch a\nb", description: "why" } });
  assert.deepEqual([asked?.status, asked?.waitingFor], [HeartbeatStatus.WAITING, "permission"]);
  assert.deepEqual(asked?.asked, [{ requestId: "1-2", tool: "Bash", summary: "touch a b", answerable: true }]);
  const question = hear({ ...request, tool_name: "AskUserQuestion", tool_input: { questions: [{ question: "Which?" }] } });
  assert.deepEqual([question?.waitingFor, question?.asked?.[0]?.answerable], ["input", false]);
  const settled = hear({ hook_event_name: "MosaicSettled", mosaic_request_id: "1-2", status: "idle" });
  assert.deepEqual([settled?.status, settled?.resolvedRequestIds], [HeartbeatStatus.IDLE, ["1-2"]]);
});

test("a sub-agent shows that the agent goes on, and may ask for leave; what is late or not known says nothing", () => {
  for (const name of ["PreToolUse", "UserPromptSubmit", "Stop"]) {
    assert.deepEqual(hear({ hook_event_name: name, agent_id: "a", prompt_id: "p1", prompt: "x" }), { isProgress: true });
  }
  const asked = hear({ hook_event_name: "PermissionRequest", agent_id: "a", tool_name: "Bash", mosaic_request_id: "1-2" });
  assert.equal(asked?.status, HeartbeatStatus.WAITING);
  assert.deepEqual(hear({ hook_event_name: "Notification", notification_type: "idle_prompt" }), conversation);
  assert.equal(hear({ hook_event_name: "FileChanged" }), undefined);
});

const written = (entry: object) =>
  hearClaudeTranscript(JSON.stringify({ parentUuid: "u", isSidechain: false, sessionId: "85aa", ...entry }));

test("its file tells of texts that wait, and of the turn they get", () => {
  const taken = (more: object) => ({ accepted: [{ text: "typed", turnId: "", evidence: Evidence.TRANSCRIPT, ...more }] });
  assert.deepEqual(written({ type: "queue-operation", operation: "enqueue", content: "typed" }), taken({}));
  assert.equal(written({ type: "queue-operation", operation: "dequeue" }), undefined);
  const attachment = { type: "queued_command", prompt: "typed", commandMode: "prompt" };
  assert.deepEqual(written({ type: "attachment", attachment }), taken({ joinsOpenTurn: true }));
  const prompt = { type: "user", promptId: "p2", message: { role: "user", content: "typed" } };
  assert.deepEqual(written({ ...prompt, promptSource: "queued" }), taken({ turnId: "p2", movesTurn: true }));
  assert.equal(written({ ...prompt, promptSource: "typed" }), undefined);
});

test("its file tells of an interruption, not of a sub-agent's, and not of a tool's result", () => {
  const text = "[Request interrupted by user for tool use]";
  const interrupted = { type: "user", promptId: "p1", message: { role: "user", content: [{ type: "text", text }] } };
  const broken = [{ turnId: "p1", isInterrupted: true, detail: "interrupted in its terminal" }];
  assert.deepEqual(written(interrupted), {
    ...{ status: HeartbeatStatus.IDLE, turnId: "p1", resolvedRequestIds: ["*"] },
    brokenTurns: broken,
  });
  assert.equal(written({ ...interrupted, isSidechain: true }), undefined);
  const result = { type: "tool_result", content: text, tool_use_id: "t" };
  assert.equal(written({ ...interrupted, message: { role: "user", content: [result] } }), undefined);
  assert.equal(hearClaudeTranscript('{"type":"user","promptId":"p1","message":{"ro'), undefined);
});

test("its state file says what it does, since when", () => {
  assert.equal(claudeStateFile("/home/u", 7), "/home/u/.claude/sessions/7.json");
  const text =
    '{"pid":7,"sessionId":"85aa","version":"2.1.197","status":"waiting","statusUpdatedAt":5,"waitingFor":"permission prompt"}';
  const waiting = { status: HeartbeatStatus.WAITING, sinceUnixMs: 5, sessionId: "85aa", waitingFor: "permission prompt" };
  assert.deepEqual(hearClaudeState(text), waiting);
  for (const garbage of ["", '{"status":"wai', '{"status":"dancing","statusUpdatedAt":5}', "[]"]) {
    assert.equal(hearClaudeState(garbage), undefined);
  }
});

test("its settings name the hook by a path that a shell takes as one word", () => {
  const settings = JSON.parse(claudeSettings({ frameworkDirectory: "/o'hara's $(x)/framework" })) as {
    hooks: Record<string, [{ hooks: [{ command: string }] }]>;
  };
  const command = settings.hooks["Stop"]?.[0].hooks[0].command;
  assert.equal(command, "exec /bin/sh '/o'\\''hara'\\''s $(x)/framework/runtimes/hook' Stop claude");
});
