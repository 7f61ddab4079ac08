import assert from "node:assert/strict";
import { test } from "node:test";

interface Turns {
  start(reason: string, session: object): void;
  input(text: string, isQueued: boolean): void;
  run(): void;
  deliver(text: string): void;
  end(answer?: { stopReason?: string; errorMessage?: string }): void;
  shutDown(reason: string): void;
}
interface Told {
  readonly event: string;
  readonly turnId?: string;
  readonly turnIds?: readonly string[];
  readonly text?: string;
  readonly isInterrupted?: boolean;
}
const { createTurns }: { createTurns(tell: (event: Told) => void): Turns } = await import(
  new URL("turns.mjs", import.meta.url).href
);

/** A session, and what it told, each turn by the text it was accepted with. */
function begun() {
  const told: Told[] = [];
  const turns = createTurns((event) => told.push(event));
  turns.start("startup", { sessionId: "s" });
  const texts = () => new Map(told.flatMap(({ turnId, text }) => (turnId === undefined ? [] : [[turnId, text ?? ""]])));
  const short = ({ event, turnId = "", turnIds = [] }: Told) =>
    [event, ...[turnId, ...turnIds].flatMap((id) => (id === "" ? [] : [texts().get(id) ?? "?"]))].join(" ");
  return { turns, told, story: () => told.slice(1).map(short) };
}

function run({ turns }: { turns: Turns }, text: string): void {
  turns.input(text, false);
  turns.run();
  turns.deliver(text);
}

test("a prompt is accepted when pi begins it, and ends with its run", () => {
  const session = begun();
  run(session, "a");
  session.turns.end({ stopReason: "stop" });
  assert.deepEqual(session.story(), ["agent_start", "accepted a", "agent_end a"]);
});

test("a prompt that pi refuses is never accepted, not even in place of the next one", () => {
  const session = begun();
  session.turns.input("refused", false);
  session.turns.input("/skill:x", false);
  session.turns.run();
  session.turns.deliver("the text of the skill");
  session.turns.end();
  run(session, "next");
  assert.deepEqual(session.story(), ["agent_start", "accepted /skill:x", "agent_end /skill:x", "agent_start", "accepted next"]);
});

test("what is typed while it works is accepted at once, and ends with the run that takes it", () => {
  const session = begun();
  run(session, "a");
  session.turns.input("b", true);
  session.turns.input("late", true);
  session.turns.deliver("b");
  session.turns.end();
  session.turns.run();
  session.turns.deliver("late");
  session.turns.end();
  const expected = ["agent_start", "accepted a", "accepted b", "accepted late", "agent_end a b", "agent_start", "agent_end late"];
  assert.deepEqual(session.story(), expected);
});

test("an interrupt breaks the run, and what was queued goes back into the composer", () => {
  const session = begun();
  run(session, "a");
  session.turns.input("b", true);
  session.turns.end({ stopReason: "aborted" });
  assert.deepEqual(session.story().slice(3), ["broken a", "broken b", "agent_end"]);
  assert.ok(session.told.filter(({ event }) => event === "broken").every(({ isInterrupted }) => isInterrupted));
});

test("a failed run that pi tries again is not broken; one that it doesn't is, after its time", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const session = begun();
  const error = { stopReason: "error", errorMessage: "429" };
  run(session, "a");
  session.turns.end(error);
  context.mock.timers.tick(2_000);
  session.turns.run();
  session.turns.end(error);
  context.mock.timers.tick(4_000);
  session.turns.run();
  session.turns.end({ stopReason: "stop" });
  assert.deepEqual(session.story().slice(2), ["failed", "agent_start", "failed", "agent_start", "agent_end a"]);

  run(session, "b");
  session.turns.end(error);
  context.mock.timers.tick(4_999);
  assert.equal(session.story().at(-1), "failed");
  context.mock.timers.tick(1);
  assert.equal(session.story().at(-1), "broken b");
});

test("a prompt after a failure settles it, and the session's end settles everything", () => {
  const session = begun();
  run(session, "a");
  session.turns.end({ stopReason: "error", errorMessage: "401" });
  run(session, "b");
  session.turns.input("c", true);
  session.turns.shutDown("quit");
  assert.deepEqual(session.story().slice(2), [
    ...["failed", "broken a", "agent_start", "accepted b", "accepted c"],
    ...["broken b", "broken c", "session_shutdown"],
  ]);
});
