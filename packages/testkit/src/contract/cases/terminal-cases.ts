import assert from "node:assert/strict";
import type { TailResponse, WatchTerminalResponse } from "@mosaic/wire";
import { refusal } from "../case-tools.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";

const lead = { tenantId: "team-a", host: "alpha", name: "lead" };

async function tail(context: ContractContext, lines: number): Promise<TailResponse[]> {
  const messages: TailResponse[] = [];
  for await (const message of context.client.tail({ agent: lead, lines }, { signal: context.signal })) messages.push(message);
  return messages;
}

// What a viewer that follows the frames has on its screen.
function draw(shown: string[], { frame }: WatchTerminalResponse): string[] {
  if (frame.case === "screen") return [...frame.value.lines];
  if (frame.case === "change") for (const line of frame.value.lines) shown[line.row] = line.text;
  return shown;
}

/** What Tail and WatchTerminal promise. */
export const terminalCases: readonly ContractCase[] = [
  {
    name: "Tail sends the last lines that hold text, in one message that names the agent, and ends",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.terminal.print("lead", ...Array.from({ length: 100 }, (_, index) => `line ${index}`));
      const messages = await tail(context, 3);
      assert.equal(messages.length, 1);
      assert.deepEqual(messages[0]?.lines, ["line 97", "line 98", "line 99"]);
      assert.deepEqual(
        [messages[0]?.agent?.tenantId, messages[0]?.agent?.host, messages[0]?.agent?.name],
        ["team-a", "alpha", "lead"],
      );
      assert.equal((await tail(context, 0))[0]?.lines.length, 80, "80 lines unless told otherwise");
    },
  },
  {
    name: "Tail with follow sends lines as they appear, each once, and ends with the session",
    async run(context) {
      const [alpha] = context.hosts;
      const seen: string[] = [];
      for await (const { lines } of context.client.tail({ agent: lead, follow: true }, { signal: context.signal })) {
        seen.push(...lines);
        if (seen.at(-1) === "lead is ready") alpha.terminal.print("lead", "one", "two");
        else if (seen.at(-1) === "two") alpha.terminal.print("lead", "three");
        else if (seen.at(-1) === "three") alpha.terminal.endSession("lead");
      }
      assert.deepEqual(seen, ["lead is ready", "one", "two", "three"]);
    },
  },
  {
    name: "WatchTerminal starts with the whole screen, then sends what changed, and a whole screen after a change of size",
    async run(context) {
      const [alpha] = context.hosts;
      const pane = alpha.terminal.pane("lead");
      const kinds: (string | undefined)[] = [];
      let shown: string[] = [];
      for await (const response of context.client.watchTerminal({ agent: lead, minIntervalMs: 20 }, { signal: context.signal })) {
        shown = draw(shown, response);
        kinds.push(response.frame.case);
        assert.deepEqual(shown, pane.capture({ withEscapes: true }).lines, `after ${kinds.join(", ")}`);
        if (kinds.length === 1) alpha.terminal.print("lead", "\u001b[31mred\u001b[0m");
        else if (kinds.length === 2) alpha.terminal.resize("lead", 40, 10);
        else break;
      }
      assert.deepEqual(kinds, ["screen", "change", "screen"]);
    },
  },
  {
    name: "WatchTerminal sends only the lines that changed, and where the cursor is",
    async run(context) {
      const [alpha] = context.hosts;
      for await (const { frame } of context.client.watchTerminal(
        { agent: lead, minIntervalMs: 20 },
        { signal: context.signal },
      )) {
        if (frame.case === "screen") {
          assert.deepEqual([frame.value.columns, frame.value.rows, frame.value.lines.length], [80, 24, 24]);
          assert.equal(frame.value.agent?.name, "lead");
          alpha.terminal.print("lead", "second");
          continue;
        }
        assert.ok(frame.case === "change");
        assert.deepEqual(
          frame.value.lines.map(({ row, text }) => [row, text]),
          [[1, "second"]],
        );
        assert.deepEqual([frame.value.cursor?.row, frame.value.cursor?.column], [1, 6]);
        break;
      }
    },
  },
  {
    name: "WatchTerminal says why it ends when the session goes, even right after output, and then ends",
    async run(context) {
      const [alpha] = context.hosts;
      const kinds: (string | undefined)[] = [];
      for await (const { frame } of context.client.watchTerminal(
        { agent: lead, minIntervalMs: 20 },
        { signal: context.signal },
      )) {
        kinds.push(frame.case);
        if (frame.case === "end") assert.notEqual(frame.value.reason, "");
        if (kinds.length > 1) continue;
        alpha.terminal.print("lead", "last words");
        alpha.terminal.endSession("lead");
      }
      assert.deepEqual(kinds, ["screen", "end"]);
    },
  },
  {
    name: "terminals of unknown agents and of agents without a session are refused",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.terminal.endSession("lead");
      const drain = async (stream: AsyncIterable<unknown>) => {
        for await (const _ of stream);
      };
      const { client, signal } = context;
      const stranger = { name: "nobody" };
      await refusal(drain(client.tail({ agent: stranger }, { signal })), "AGENT_NOT_FOUND");
      await refusal(drain(client.watchTerminal({ agent: stranger }, { signal })), "AGENT_NOT_FOUND");
      await refusal(drain(client.tail({ agent: lead }, { signal })), "AGENT_NOT_RUNNING");
      await refusal(drain(client.watchTerminal({ agent: lead }, { signal })), "AGENT_NOT_RUNNING");
    },
  },
];
