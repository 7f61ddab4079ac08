import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

interface Requests {
  asked(request: object): void;
  replied(sessionId: string, requestId: string, reply: string): void;
}
type CreateRequests = (
  spool: { answersFolder: string; write(event: object): void },
  reply: (request: object, answer: object) => Promise<void>,
) => Requests;
const { createRequests }: { createRequests: CreateRequests } = await import(new URL("requests.mjs", import.meta.url).href);

test("an answer is handed on once, when it is whole, and its file is gone", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const answersFolder = mkdtempSync(join(tmpdir(), "mosaic-answers-"));
  context.after(() => rmSync(answersFolder, { recursive: true, force: true }));
  const told: object[] = [];
  const replies: object[] = [];
  const spool = { answersFolder, write: (event: object) => void told.push(event) };
  const requests = createRequests(spool, async (request, answer) => void replies.push({ ...request, ...answer }));
  requests.asked({ id: "per_1", sessionID: "s", permission: "bash", patterns: ["ls *"], metadata: { command: "ls -l" } });
  requests.asked({ id: "per_2", sessionID: "s", permission: "edit", patterns: ["a", "b"] });
  assert.deepEqual(told, [
    { event: "asked", sessionId: "s", requestId: "per_1", tool: "bash", summary: "ls -l" },
    { event: "asked", sessionId: "s", requestId: "per_2", tool: "edit", summary: "a, b" },
  ]);
  const path = join(answersFolder, "per_1.json");
  for (const text of ["", '{"decision":', '{"decision":"maybe"}']) {
    writeFileSync(path, text);
    context.mock.timers.tick(200);
    assert.deepEqual(replies, [], text);
  }
  writeFileSync(path, '{"decision":"deny","comment":"not now"}');
  context.mock.timers.tick(1_000);
  assert.deepEqual(replies, [{ id: "per_1", sessionID: "s", decision: "deny", comment: "not now" }]);
  assert.ok(!existsSync(path));
});

test("what a person answered is no longer looked for, and an answer that came too late is taken away", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const answersFolder = mkdtempSync(join(tmpdir(), "mosaic-answers-"));
  context.after(() => rmSync(answersFolder, { recursive: true, force: true }));
  const replies: object[] = [];
  const requests = createRequests({ answersFolder, write: () => {} }, async (request) => void replies.push(request));
  requests.asked({ id: "per_1", sessionID: "s", permission: "bash" });
  const path = join(answersFolder, "per_1.json");
  writeFileSync(path, '{"decision":"allow"}');
  requests.replied("s", "per_1", "reject");
  context.mock.timers.tick(1_000);
  assert.deepEqual(replies, []);
  assert.ok(!existsSync(path));
});
