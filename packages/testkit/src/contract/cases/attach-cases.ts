import assert from "node:assert/strict";
import { eventually } from "../../eventually.ts";
import type { FakeHost } from "../../fake-host.ts";
import { untilLiveStreams } from "../case-tools.ts";
import type { ContractCase } from "../contract-case.ts";
import { type Frame, TakeoverCaller } from "../takeover-caller.ts";

const typed = (host: FakeHost) => host.terminal.typed.map((input) => input.value).join("");
const detached = (host: FakeHost) =>
  eventually("the end of the takeover is on record", () => host.audit.of("agent.detach").at(-1));

// A caller that did not read meanwhile is shown the whole screen, others only the line.
function shownBy(frame: Frame): readonly string[] {
  if (frame.case === "screen") return frame.value.lines;
  return frame.case === "change" ? frame.value.lines.map((line) => line.text) : [];
}

/** What AttachTerminal promises of a takeover that is granted. */
export const attachCases: readonly ContractCase[] = [
  {
    name: "AttachTerminal says that the takeover is on record, then shows the whole screen, then what changes",
    async run(context) {
      const [alpha] = context.hosts;
      await using caller = await TakeoverCaller.open(context, { agent: { name: "coder-alpha" }, sourceLabel: "desk:ada" });
      const { agent, attachId, others } = caller.attached;
      assert.deepEqual([agent?.tenantId, agent?.host, agent?.name, others], ["team-a", "alpha", "coder-alpha", []]);
      const [entry] = alpha.audit.entries;
      assert.deepEqual(
        [entry?.action, entry?.actor, entry?.tenantId, entry?.host, entry?.agent],
        ["agent.attach", "desk:ada", "team-a", "alpha", "coder-alpha"],
      );
      assert.notEqual(attachId, "");
      assert.equal(entry?.facts?.["attach_id"], attachId);
      const screen = await caller.next();
      assert.ok(screen?.case === "screen");
      assert.deepEqual([screen.value.columns, screen.value.rows, screen.value.lines[0]], [80, 24, "coder-alpha is ready"]);
      alpha.terminal.print("coder-alpha", "second");
      const change = await caller.next();
      assert.ok(change?.case === "change");
      assert.deepEqual(
        change.value.lines.map(({ row, text }) => [row, text]),
        [[1, "second"]],
      );
    },
  },
  {
    name: "keys reach the agent byte for byte and in order, and their effect is shown",
    async run(context) {
      const [alpha] = context.hosts;
      await using caller = await TakeoverCaller.open(context);
      const all = Uint8Array.from({ length: 256 }, (_, index) => index);
      for (let count = 0; count < 50; count += 1) caller.type(`${count},`);
      caller.type(all);
      caller.type("\x1b[A");
      const expected = `${Array.from({ length: 50 }, (_, count) => `${count},`).join("")}${Buffer.from(all).toString("latin1")}\x1b[A`;
      await eventually("all is typed", () => typed(alpha).length >= expected.length);
      assert.equal(typed(alpha), expected);
      const paneId = alpha.terminal.pane("lead").paneId;
      assert.ok(alpha.terminal.typed.every((input) => input.paneId === paneId && input.kind === "bytes"));
      caller.type("\rwhat time is it\r");
      await eventually("the agent took it", () => alpha.stub("lead").prompts.includes("what time is it"));
      await caller.until((frame) => shownBy(frame).some((line) => line === "> what time is it"));
    },
  },
  {
    name: "no key is typed, and nothing answered, before the takeover is on record",
    async run(context) {
      const [alpha] = context.hosts;
      const { promise: written, resolve: write } = Promise.withResolvers<void>();
      const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
      alpha.audit.beforeRecord = async () => {
        ask();
        await written;
      };
      await using caller = new TakeoverCaller(context);
      let isAnswered = false;
      caller.open();
      caller.type("too early");
      const first = caller.next().finally(() => {
        isAnswered = true;
      });
      await asked;
      // As long as any carrier takes for a message.
      await context.client.list({ live: true }, { signal: context.signal });
      assert.deepEqual([typed(alpha), isAnswered, alpha.audit.entries.length], ["", false, 0]);
      write();
      assert.equal((await first)?.case, "attached");
      await eventually("it is typed now", () => typed(alpha) === "too early");
    },
  },
  {
    name: "the end of the keys detaches once all of them are typed; the record says how many, and not which",
    async run(context) {
      const [alpha] = context.hosts;
      // Keys come faster than they are typed.
      alpha.terminal.beforeBytes = () => new Promise((resolve) => setTimeout(resolve, 5));
      await using caller = await TakeoverCaller.open(context, { sourceLabel: "desk:ada" });
      for (let count = 0; count < 10; count += 1) caller.type("sécret");
      caller.hangUp();
      const frames = await caller.rest();
      assert.ok(frames.every((frame) => frame.case === "screen" || frame.case === "change"));
      assert.equal(alpha.terminal.typed.length, 10);
      const { actor, agent, facts } = await detached(alpha);
      assert.deepEqual([actor, agent, facts?.["bytes"], typeof facts?.["seconds"]], ["desk:ada", "lead", 70, "number"]);
      assert.equal(facts?.["attach_id"], caller.attached.attachId);
      assert.doesNotMatch(JSON.stringify(alpha.audit.entries), /s.cret/);
      await untilLiveStreams(context, "AttachTerminal", 0);
      assert.equal(alpha.terminal.outputWatcherCount, 0);
    },
  },
  {
    name: "a caller that goes away is detached, and its stay is on record",
    async run(context) {
      const [alpha] = context.hosts;
      await using caller = await TakeoverCaller.open(context);
      caller.type("abc");
      await eventually("it is typed", () => typed(alpha) === "abc");
      caller.cancel();
      assert.equal((await detached(alpha)).facts?.["bytes"], 3);
      await untilLiveStreams(context, "AttachTerminal", 0);
      assert.equal(alpha.terminal.outputWatcherCount, 0);
    },
  },
  {
    name: "the end of the session ends a takeover, which says why",
    async run(context) {
      const [alpha] = context.hosts;
      await using caller = await TakeoverCaller.open(context);
      assert.equal((await caller.next())?.case, "screen");
      alpha.terminal.endSession("lead");
      const [end, ...more] = await caller.rest();
      assert.ok(end?.case === "end" && end.value.reason !== "");
      assert.deepEqual(more, []);
      await detached(alpha);
      await untilLiveStreams(context, "AttachTerminal", 0);
    },
  },
  {
    name: "keys for a program that has ended end a takeover, which says why",
    async run(context) {
      const [alpha] = context.hosts;
      await using caller = await TakeoverCaller.open(context);
      assert.equal((await caller.next())?.case, "screen");
      alpha.terminal.killProcess("lead");
      caller.type("x");
      const end = (await caller.rest()).at(-1);
      assert.ok(end?.case === "end" && /has ended/.test(end.value.reason), end?.case);
      await detached(alpha);
    },
  },
  {
    name: "whoever attaches second is told of the first, and of nobody who has left",
    async run(context) {
      await using first = await TakeoverCaller.open(context, { sourceLabel: "desk:ada" });
      await using second = await TakeoverCaller.open(context, { sourceLabel: "desk:bob" });
      await using elsewhere = await TakeoverCaller.open(context, { agent: { name: "coder-alpha" } });
      assert.deepEqual([first.attached.others, second.attached.others, elsewhere.attached.others], [[], ["desk:ada"], []]);
      first.hangUp();
      await first.rest();
      await using third = await TakeoverCaller.open(context);
      assert.deepEqual(third.attached.others, ["desk:bob"]);
    },
  },
  {
    name: "both who are attached may type, and neither changes the window's size",
    async run(context) {
      const [alpha] = context.hosts;
      await using first = await TakeoverCaller.open(context);
      await using second = await TakeoverCaller.open(context);
      first.type("a");
      await eventually("the first is typed", () => typed(alpha) === "a");
      second.type("b");
      await eventually("the second is typed", () => typed(alpha) === "ab");
      const { columns, rows } = alpha.terminal.pane("lead");
      assert.deepEqual([columns, rows], [80, 24]);
    },
  },
];
