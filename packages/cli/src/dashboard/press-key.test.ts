import assert from "node:assert/strict";
import { test } from "node:test";
import { agentJson, hostJson } from "../fleet/builders-for-tests.ts";
import { freshReading } from "../fleet/ps-host.ts";
import { toPsItem } from "../fleet/ps-item.ts";
import { agentKey, type DashboardState, FIRST_STATE } from "./dashboard-state.ts";
import { fitsFilter } from "./filter-items.ts";
import { keysIn } from "./key-reader.ts";
import { type Effect, pressKey, type Shown } from "./press-key.ts";

const item = (name: string, more = {}) => toPsItem(agentJson("alpha", name, more), freshReading(hostJson("alpha")));
const asks = (requestId: string, isAnswerable = true) => ({
  requestId,
  tool: "Bash",
  summary: "npm test",
  answerable: isAnswerable,
});
const ITEMS = [
  item("coder0", { approvals: [asks("r1"), asks("r2")] }),
  item("coder1", { runtime: "pi", state: "AGENT_STATE_IDLE" }),
  item("lead", { approvals: [asks("r3", false)] }),
];
const shown: Shown = { items: ITEMS, all: ITEMS, pageRows: 2 };

/** Presses keys as the terminal sends them; an Esc stands alone. */
function press(sent: string, first: DashboardState = FIRST_STATE, on = shown): { state: DashboardState; effects: Effect[] } {
  let state = first;
  const effects: Effect[] = [];
  for (const key of sent.split(/(\x1b(?!\[))/).flatMap((part) => keysIn(part, true).keys)) {
    const { state: next, effect } = pressKey(state, key, on);
    state = next;
    if (effect) effects.push(effect);
  }
  return { state, effects };
}

const nameOf = ({ selected }: DashboardState) => ITEMS.find((each) => agentKey(each) === selected)?.name;

test("arrows and letters move the selection, and stop at both ends", () => {
  const walks = ["\x1b[B", "j", "jjjjj", "Gk", "Ggk", "\x1b[6~"].map((keys) => nameOf(press(keys).state));
  assert.deepEqual(walks, ["coder1", "coder1", "lead", "coder1", "coder0", "lead"]);
});

test("Enter opens the selected agent, q and Esc come back, and only in the fleet q ends", () => {
  assert.equal(press("\r").state.mode.kind, "agent");
  assert.deepEqual([press("\rq").state.mode.kind, press("\rq").effects], ["fleet", []]);
  assert.equal(press("\r\x1b").state.mode.kind, "fleet");
  assert.deepEqual(press("q").effects, [{ kind: "quit" }]);
  assert.deepEqual(press("\r\x03").effects, [{ kind: "interrupt" }]);
});

test("a message is typed on a line of its own, where letters are letters, and goes to the selected agent", () => {
  const { state, effects } = press("jsquit? \x1b[200~two\nlines\x1b[201~x\x7f\r");
  assert.equal(state.mode.kind, "fleet");
  assert.deepEqual(effects, [{ kind: "send", item: ITEMS[1], text: "quit? two\nlines" }]);
});

test("an empty message, and one that is given up, is not sent", () => {
  for (const keys of ["s  \r", "shello\x1b"]) assert.deepEqual(press(keys).effects, []);
  assert.equal(press("\rs\x1b").state.mode.kind, "agent");
});

test("a paste outside of a line to type on does nothing", () => {
  assert.deepEqual(press("\x1b[200~q\x1b[201~"), { state: FIRST_STATE, effects: [] });
});

test("what an agent asks is answered with y or n, after it was shown, and for the one that is chosen", () => {
  assert.deepEqual(press("ay").effects, [{ kind: "decide", item: ITEMS[0], requestId: "r1", decision: "allow" }]);
  assert.deepEqual(press("a\x1b[B\x1b[Bn").effects, [{ kind: "decide", item: ITEMS[0], requestId: "r2", decision: "deny" }]);
  assert.deepEqual([press("a\x1b").effects, press("ax").effects, press("y").effects], [[], [], []]);
});

test("an agent that asks nothing, or what only its terminal can answer, is said to", () => {
  assert.deepEqual(press("ja").effects, [{ kind: "say", text: "coder1 asks leave for nothing" }]);
  assert.match(JSON.stringify(press("Ga").effects), /only be answered at its terminal/);
});

test("a request that is gone, or another by then, is not answered", () => {
  const { state } = press("a\x1b[B");
  const all = [item("coder0", { approvals: [asks("r1"), asks("r9")] }), ...ITEMS.slice(1)];
  const { effects } = press("y", state, { ...shown, items: all, all });
  assert.deepEqual(effects, [{ kind: "say", text: "it is not asked any more; nothing was answered" }]);
});

test("what is typed for an agent goes to that one, or to nobody", () => {
  const { state } = press("jshello");
  const filteredOut = press("\r", state, { ...shown, items: [] });
  assert.deepEqual(filteredOut.effects, [{ kind: "send", item: ITEMS[1], text: "hello" }]);
  const gone = press("\r", state, { ...shown, all: ITEMS.slice(0, 1), items: ITEMS.slice(0, 1) });
  assert.match(JSON.stringify(gone), /"text":"hello".*"kind":"say","text":"that agent is gone; nothing was sent/);
});

test("the agent that is looked at stays the same one when the filter does not leave it any more", () => {
  const { state } = press("j\r");
  const { effects } = press("shi\r", state, { ...shown, items: ITEMS.slice(0, 1) });
  assert.deepEqual(effects, [{ kind: "send", item: ITEMS[1], text: "hi" }]);
  assert.equal(press("\x1b[B", state).state.selected, agentKey(ITEMS[2] ?? item("none")));
});

test("a filter narrows while it is typed, Enter keeps it, Esc takes it away", () => {
  assert.deepEqual(
    [press("/pi idle\r").state.filter, press("/pi\x1b").state.filter, press("/pi\r\x1b").state.filter],
    ["pi idle", "", ""],
  );
  const left = (filter: string) => ITEMS.filter((each) => fitsFilter(each, filter)).map(({ name }) => name);
  assert.deepEqual(
    [left("PI idle"), left("npm"), left("coder working"), left("")],
    [["coder1"], ["coder0", "lead"], ["coder0"], ["coder0", "coder1", "lead"]],
  );
});

test("with no agent shown every key is harmless", () => {
  const none = { items: [], all: [], pageRows: 5 };
  for (const keys of ["\r", "s", "a", "jGk"]) assert.equal(press(keys, FIRST_STATE, none).state.mode.kind, "fleet");
});
