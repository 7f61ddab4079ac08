import assert from "node:assert/strict";
import { MosaicError } from "@mosaic/core";
import { eventually } from "../../eventually.ts";
import { refusal, untilLiveStreams, untilRow } from "../case-tools.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";
import { TakeoverCaller } from "../takeover-caller.ts";

function assertUntouched(context: ContractContext): void {
  for (const { terminal, audit } of context.hosts) assert.deepEqual([terminal.typed, audit.entries], [[], []]);
}

/** What AttachTerminal refuses, and what a takeover can't do to the server. */
export const attachRefusalCases: readonly ContractCase[] = [
  {
    name: "a takeover of an unknown agent, or of one without a live terminal, is refused and not on record",
    async run(context) {
      const [alpha] = context.hosts;
      await refusal(TakeoverCaller.open(context, { agent: { name: "nobody" } }), "AGENT_NOT_FOUND");
      alpha.terminal.killProcess("lead");
      alpha.terminal.endSession("coder-alpha");
      for (const name of ["lead", "coder-alpha"]) await untilRow(context, name, (row) => !row.pane?.alive);
      await refusal(TakeoverCaller.open(context), "AGENT_NOT_RUNNING");
      await refusal(TakeoverCaller.open(context, { agent: { name: "coder-alpha" } }), "AGENT_NOT_RUNNING");
      assertUntouched(context);
      await untilLiveStreams(context, "AttachTerminal", 0);
    },
  },
  {
    name: "a takeover that can't be recorded is refused, and nothing is typed",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.audit.beforeRecord = async () => {
        throw new MosaicError("MACHINE", "the disk is full");
      };
      await using caller = new TakeoverCaller(context);
      caller.open();
      caller.type("x");
      const error = await refusal(caller.next(), "MACHINE");
      assert.match(error.message, /the disk is full/);
      assertUntouched(context);
    },
  },
  {
    name: "a takeover begins with open, once, and only keys follow",
    async run(context) {
      await using keysFirst = new TakeoverCaller(context);
      keysFirst.type("x");
      await refusal(keysFirst.next(), "USAGE");
      await using nothing = new TakeoverCaller(context);
      nothing.send({});
      await refusal(nothing.next(), "USAGE");
      await using ended = new TakeoverCaller(context);
      ended.hangUp();
      await refusal(ended.next(), "USAGE");
      assertUntouched(context);
      await using twice = await TakeoverCaller.open(context);
      twice.open({ agent: { name: "coder-alpha" } });
      await refusal(twice.rest(), "USAGE");
      assert.deepEqual(context.hosts[0].terminal.typed, []);
      await untilLiveStreams(context, "AttachTerminal", 0);
    },
  },
  {
    name: "every message of a takeover is held to the contract",
    async run(context) {
      const [alpha] = context.hosts;
      await refusal(TakeoverCaller.open(context, { sourceLabel: "x".repeat(201) }), "USAGE");
      await refusal(TakeoverCaller.open(context, { agent: { name: "" } }), "USAGE");
      assertUntouched(context);
      await using caller = await TakeoverCaller.open(context);
      caller.type(new Uint8Array(65_536));
      await eventually("as much as a message may hold is typed", () => alpha.terminal.typed.length === 1);
      caller.type(new Uint8Array(65_537));
      await refusal(caller.rest(), "USAGE");
      assert.equal(alpha.terminal.typed.length, 1);
    },
  },
  {
    name: "keys that the terminal can't take yet wait with the caller",
    async run(context) {
      const [alpha] = context.hosts;
      const { promise: free, resolve } = Promise.withResolvers<void>();
      alpha.terminal.beforeBytes = () => free;
      let isRead = 0;
      async function* flood() {
        yield { step: { case: "open", value: { agent: { tenantId: "team-a", host: "alpha", name: "lead" } } } } as const;
        const data = new Uint8Array(65_536).fill(0x61);
        for (; isRead < 2000; isRead += 1) yield { step: { case: "input", value: { data } } } as const;
      }
      const call = new AbortController();
      const signal = AbortSignal.any([context.signal, call.signal]);
      const frames = context.client.attachTerminal(flood(), { signal })[Symbol.asyncIterator]();
      await frames.next();
      let before = -1;
      await eventually("no more is taken of the caller", async () => {
        const isStill = isRead === before;
        before = isRead;
        await new Promise((wait) => setTimeout(wait, 100));
        return isStill && isRead === before;
      });
      assert.ok(isRead < 400, `${isRead} messages of 64 KiB were taken in`);
      call.abort();
      resolve();
      await refusal(
        (async () => {
          for (let next = await frames.next(); !next.done; next = await frames.next());
        })(),
        "CANCELLED",
      );
      await untilLiveStreams(context, "AttachTerminal", 0);
    },
  },
];
