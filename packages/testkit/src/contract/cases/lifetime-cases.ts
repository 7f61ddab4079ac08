import assert from "node:assert/strict";
import { aborted } from "@mosaic/core";
import { FleetService } from "@mosaic/wire";
import { liveStreams, refusal, untilLiveStreams, watch } from "../case-tools.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";

const alphaLead = { tenantId: "team-a", host: "alpha", name: "lead" };

// One open stream of each streaming rpc, each with its first message read.
function openers(
  context: ContractContext,
): Record<string, (options: { signal: AbortSignal; timeoutMs?: number }) => AsyncIterable<unknown>> {
  return {
    Watch: (options) => context.client.watch({}, options),
    Tail: (options) => context.client.tail({ agent: alphaLead, follow: true }, options),
    WatchTerminal: (options) => context.client.watchTerminal({ agent: alphaLead }, options),
    AttachTerminal: (options) => context.client.attachTerminal(openAndStay(options.signal), options),
    WatchReceipts: (options) => receiptsOfOne(context, options),
    WatchEvents: (options) => context.client.watchEvents({ kinds: ["none"], follow: true }, options),
    ReadLog: (options) => context.client.readLog({ tenantId: "team-a", host: "alpha", follow: true }, options),
  };
}

// Takes over, and then types nothing for as long as the call lasts.
async function* openAndStay(signal: AbortSignal) {
  yield { step: { case: "open", value: { agent: alphaLead } } } as const;
  await aborted(signal);
}

// Of a message that is there, so that there is something to read.
async function* receiptsOfOne({ client, signal }: ContractContext, options: { signal: AbortSignal; timeoutMs?: number }) {
  await client.send({ agent: alphaLead, messageId: "m-live", text: "watch me" }, { signal });
  yield* client.watchReceipts({ messageIds: ["m-live"] }, options);
}

/** What the contract promises of the end of streams. */
export const lifetimeCases: readonly ContractCase[] = [
  {
    name: "every streaming rpc is counted in live_streams while it runs, and cancelling ends its handler",
    async run(context) {
      const methods = FleetService.methods.filter((method) => method.methodKind !== "unary").map((method) => method.name);
      const open = openers(context);
      assert.deepEqual(methods.sort(), Object.keys(open).sort());
      for (const [method, start] of Object.entries(open)) {
        assert.equal(await liveStreams(context, method), 0, method);
        const call = new AbortController();
        const stream = start({ signal: AbortSignal.any([call.signal, context.signal]) })[Symbol.asyncIterator]();
        assert.equal((await stream.next()).done, false, method);
        assert.equal(await liveStreams(context, method), 1, method);
        call.abort();
        await refusal(
          stream
            .next()
            .then(() => stream.next())
            .then(() => stream.next()),
          "CANCELLED",
        );
        await untilLiveStreams(context, method, 0);
      }
      const [alpha] = context.hosts;
      assert.equal(alpha.terminal.outputWatcherCount, 0, "no watcher of a terminal is left behind");
    },
  },
  {
    name: "a deadline ends a stream on both sides",
    async run(context) {
      for (const [method, start] of Object.entries(openers(context))) {
        const stream = start({ signal: context.signal, timeoutMs: 150 });
        const drained = (async () => {
          for await (const _ of stream);
        })();
        await refusal(drained, "DEADLINE");
        await untilLiveStreams(context, method, 0);
      }
    },
  },
  {
    name: "many watches end without a trace, and those that stay go on",
    async run(context) {
      const [alpha] = context.hosts;
      await using stays = watch(context);
      await stays.snapshot();
      const others = Array.from({ length: 20 }, () => watch(context));
      await Promise.all(others.map((reader) => reader.snapshot()));
      assert.equal(await liveStreams(context, "Watch"), 21);
      await Promise.all(others.map((reader) => reader[Symbol.asyncDispose]()));
      await untilLiveStreams(context, "Watch", 1);
      alpha.startSession("late");
      await stays.until(({ frame }) => frame.case === "upsert" && frame.value.name === "late");
    },
  },
];
