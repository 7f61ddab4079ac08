import assert from "node:assert/strict";
import { test } from "node:test";
import { Evidence, HeartbeatStatus } from "@mosaic/core";
import { codexHookArguments } from "./codex-hooks.ts";
import { hearCodexTranscript } from "./codex-transcript.ts";
import { hearCodex } from "./hear-codex.ts";

// As 0.169.0 wrote them, with shorter ids.
const base = { session_id: "01a1", transcript_path: "/h/.codex/sessions/rollout-01a1.jsonl", cwd: "/w", model: "stub-model" };
const conversation = { sessionId: "01a1", transcriptPath: base.transcript_path };
const hear = (event: object) => hearCodex({ payload: { ...base, permission_mode: "default", ...event }, atUnixMs: 1 });

test("a prompt is accepted with its text and turn, and the turn ends as idle", () => {
  const accepted = [{ text: "hello", turnId: "t1", evidence: Evidence.HOOK }];
  const prompt = { hook_event_name: "UserPromptSubmit", turn_id: "t1", prompt: "hello" };
  assert.deepEqual(hear(prompt), { status: HeartbeatStatus.BUSY, turnId: "t1", accepted, ...conversation });
  const stop = hear({ hook_event_name: "Stop", turn_id: "t1", stop_hook_active: false, last_assistant_message: "done" });
  assert.deepEqual([stop?.status, stop?.endedTurnIds], [HeartbeatStatus.IDLE, ["t1"]]);
});

test("an interruption breaks the turn", () => {
  const told = hear({ hook_event_name: "Interrupt", turn_id: "t1" });
  assert.equal(told?.status, HeartbeatStatus.IDLE);
  assert.deepEqual(told?.brokenTurns, [{ turnId: "t1", isInterrupted: true, detail: "interrupted in its terminal" }]);
});

test("a request for leave says whether the hook waits for an answer", () => {
  const request = { hook_event_name: "PermissionRequest", turn_id: "t1", tool_name: "Bash", mosaic_request_id: "1-2" };
  const input = { command: "touch a", description: "I want it" };
  const asked = hear({ ...request, tool_input: input, mosaic_answerable: true });
  assert.deepEqual(asked?.asked, [{ requestId: "1-2", tool: "Bash", summary: "touch a", answerable: true }]);
  assert.equal(hear({ ...request, tool_input: input })?.asked?.[0]?.answerable, false);
});

test("a sub-agent only shows that the agent goes on", () => {
  assert.deepEqual(hear({ hook_event_name: "Stop", agent_id: "a", turn_id: "t2" }), { isProgress: true });
});

const written = (payload: object) => hearCodexTranscript(JSON.stringify({ timestamp: "2026", type: "event_msg", payload }));

test("its file tells that a turn failed, and why, which no hook does", () => {
  const complete = { type: "task_complete", turn_id: "t1", last_agent_message: null };
  const errors: [object, string, string][] = [
    [{ http_connection_failed: { http_status_code: 401 } }, "unexpected status 401 Unauthorized", "auth"],
    [{ response_too_many_failed_attempts: { http_status_code: 429 } }, "exceeded retry limit, last status: 429", "rate_limit"],
  ];
  for (const [info, message, detail] of errors) {
    assert.deepEqual(written({ ...complete, error: { message, codex_error_info: info } }), {
      ...{ status: HeartbeatStatus.FAILED, detail, turnId: "t1" },
      brokenTurns: [{ turnId: "t1", isInterrupted: false, detail: `${detail}: ${message}` }],
    });
  }
  assert.equal(written({ ...complete, error: { message: "no", codex_error_info: "other" } })?.detail, "error");
  assert.deepEqual(written(complete), { status: HeartbeatStatus.IDLE, turnId: "t1", endedTurnIds: ["t1"] });
});

test("its file tells that a turn was broken off, and one that was replaced leaves the agent busy", () => {
  const aborted = { type: "turn_aborted", turn_id: "t1", reason: "interrupted" };
  assert.deepEqual(written(aborted)?.brokenTurns, [{ turnId: "t1", isInterrupted: true, detail: "interrupted" }]);
  assert.equal(written({ ...aborted, reason: "replaced" })?.status, undefined);
  assert.equal(hearCodexTranscript('{"type":"event_msg","payload":{"type":"task_complete","turn_id":"t1"'), undefined);
  assert.equal(written({ type: "agent_message", message: '"type":"task_complete"', turn_id: "t1" }), undefined);
});

test("its launch line defines each hook and trusts that definition, by the hash that 0.169.0 gave it", () => {
  const words = codexHookArguments({ frameworkDirectory: "/opt/mosaic/framework" });
  const stop = `hooks.Stop=[{hooks=[{type="command",command="exec /bin/sh '/opt/mosaic/framework/runtimes/hook' Stop codex",timeout=10}]}]`;
  assert.ok(words.includes(stop), words.join("\n"));
  assert.ok(words.at(-1)?.includes(`"/<session-flags>/config.toml:stop:0:0"={trusted_hash="${STOP_HASH}"}`), words.at(-1));
});

const STOP_HASH = "sha256:d0778c12caa2ac47d9e551a366cdc5349584fa7c2d4eef978dda9b6baa2bb5d0";
