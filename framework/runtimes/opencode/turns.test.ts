import assert from "node:assert/strict";
import { test } from "node:test";

interface Turns {
  known(session: { id: string; parentID?: string }): void;
  accept(sessionId: string, turnId: string, text: string): void;
  answered(message: { role: string; sessionID: string; parentID: string; error?: object; time?: { completed?: number } }): void;
  error(sessionId: string, error: object): void;
  status(sessionId: string, status: { type: string; message?: string }): void;
  stop(): void;
}
interface Told {
  readonly event: string;
  readonly turnId?: string;
  readonly turnIds?: readonly string[];
  readonly isInterrupted?: boolean;
  readonly reason?: string;
}
const { createTurns }: { createTurns(tell: (event: Told) => void): Turns } = await import(
  new URL("turns.mjs", import.meta.url).href
);

function begun() {
  const told: Told[] = [];
  const turns = createTurns((event) => told.push(event));
  const story = () => told.map(({ event, turnId = "", turnIds = [] }) => [event, turnId, ...turnIds].filter(Boolean).join(" "));
  const answer = (parentID: string) => turns.answered({ role: "assistant", sessionID: "s", parentID, time: { completed: 1 } });
  return {
    turns,
    told,
    story,
    answer,
    busy: () => turns.status("s", { type: "busy" }),
    idle: () => turns.status("s", { type: "idle" }),
  };
}

test("one answer ends the prompts it was for, and not the one that came too late for it", () => {
  const { turns, story, answer, busy, idle } = begun();
  turns.accept("s", "m1", "a");
  busy();
  turns.accept("s", "m2", "b");
  answer("m1");
  answer("m2");
  turns.accept("s", "m3", "late");
  busy();
  idle();
  idle();
  busy();
  answer("m3");
  idle();
  assert.deepEqual(story(), ["accepted m1", "busy", "accepted m2", "accepted m3", "idle m1 m2", "busy", "idle m3"]);
});

test("an interrupt that is told after the idle it explains breaks the prompt all the same, and nothing that comes later", () => {
  const { turns, told, story, answer, busy, idle } = begun();
  turns.accept("s", "m1", "a");
  busy();
  turns.answered({ role: "assistant", sessionID: "s", parentID: "m1", time: {} });
  idle();
  turns.error("s", { name: "MessageAbortedError", data: { message: "Aborted" } });
  turns.error("s", { name: "MessageAbortedError", data: { message: "Aborted" } });
  turns.accept("s", "m2", "b");
  busy();
  answer("m2");
  idle();
  assert.deepEqual(story(), ["accepted m1", "busy", "idle", "broken m1", "accepted m2", "busy", "idle m2"]);
  assert.equal(told[3]?.isInterrupted, true);
});

test("an interrupt that only its answer tells of breaks the prompt, and told again it breaks none that came since", () => {
  const { turns, told, story, answer, busy, idle } = begun();
  const aborted = () =>
    turns.answered({
      role: "assistant",
      sessionID: "s",
      parentID: "m1",
      error: { name: "MessageAbortedError" },
      time: { completed: 1 },
    });
  turns.accept("s", "m1", "a");
  busy();
  aborted();
  idle();
  turns.accept("s", "m2", "b");
  aborted();
  busy();
  answer("m2");
  idle();
  assert.deepEqual(story(), ["accepted m1", "busy", "broken m1", "accepted m2", "busy", "idle m2"]);
  assert.equal(told[2]?.isInterrupted, true);
});

test("an interrupt breaks all open prompts as such, an error with its reason", () => {
  const { turns, told, story, busy, idle } = begun();
  for (const error of [
    { name: "MessageAbortedError", data: { message: "Aborted" } },
    { name: "APIError", data: { message: "no", statusCode: 401 } },
  ]) {
    turns.accept("s", "m1", "a");
    turns.accept("s", "m2", "b");
    busy();
    turns.error("s", error);
    turns.answered({ role: "assistant", sessionID: "s", parentID: "m1", error });
    idle();
    idle();
  }
  const once = ["accepted m1", "accepted m2", "busy", "broken m1 m2"];
  assert.deepEqual(story(), [...once, ...once]);
  assert.deepEqual([told[3]?.isInterrupted, told[7]?.isInterrupted, told[7]?.reason], [true, false, "APIError 401: no"]);
});

test("each try again is told, and what sub-agents do is not", () => {
  const { turns, story, busy } = begun();
  turns.known({ id: "s" });
  turns.known({ id: "child", parentID: "s" });
  busy();
  turns.accept("child", "m1", "a");
  turns.status("child", { type: "busy" });
  turns.error("child", { name: "APIError" });
  turns.status("child", { type: "idle" });
  turns.status("s", { type: "retry", message: "429" });
  turns.status("s", { type: "retry", message: "429" });
  assert.deepEqual(story(), ["busy", "retry", "retry"]);
});

test("what is open when opencode ends is broken", () => {
  const { turns, story } = begun();
  turns.accept("s", "m1", "a");
  turns.stop();
  turns.stop();
  assert.deepEqual(story(), ["accepted m1", "broken m1"]);
});
