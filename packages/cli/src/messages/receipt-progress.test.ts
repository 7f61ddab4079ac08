import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core/light";
import { DeliveryState, ReceiptSchema, type WatchReceiptsResponse, WatchReceiptsResponseSchema } from "@mosaic/wire";
import { runCli } from "../cli.ts";
import { type MemoryIo, type MemoryIoOptions, memoryIo } from "../io/memory-io.ts";
import { memoryRemote } from "../remote/memory-remote.ts";
import { receiptJson } from "./builders-for-tests.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";
const { QUEUED, DELIVERED } = DeliveryState;

function told(states: DeliveryState[], held = ""): WatchReceiptsResponse {
  const steps = states.map((state) => ({ state }));
  return create(WatchReceiptsResponseSchema, { receipt: create(ReceiptSchema, { messageId: "m-1", steps, held }) });
}

/** A send whose answer comes when `until` has run, and a server that tells two steps meanwhile. */
async function slowSend(flags: string[], options: MemoryIoOptions, until: (io: MemoryIo) => Promise<unknown>) {
  const io = memoryIo(options);
  const asked: string[][] = [];
  const remote = memoryRemote({
    [AGGREGATOR]: {
      unary: {
        async Send() {
          await until(io);
          return { receipt: receiptJson("DELIVERY_STATE_ACCEPTED") };
        },
      },
      streams: {
        async *watchReceipts({ messageIds }, { signal }) {
          asked.push(messageIds);
          yield told([QUEUED]);
          yield told([QUEUED, DELIVERED], "a draft is in the composer");
          await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        },
      },
    },
  });
  const argv = ["agent", "send", "lead", "-m", "x", "--id", "m-1", "--verify", ...flags];
  const exitCode = await runCli(argv, io, { deps: { remote } });
  return { exitCode, stderr: io.stderr.text, asked };
}

const seen = (io: MemoryIo) => io.stderr.shows(/held: a draft/);

test("a wait on a terminal shows each step on one line, and wipes it away", async () => {
  const { exitCode, stderr, asked } = await slowSend([], { isStderrTerminal: true, env: { NO_COLOR: "1" } }, seen);
  assert.equal(exitCode, 0);
  assert.deepEqual(asked, [["m-1"]]);
  assert.deepEqual(stderr.split("\r\x1b[K"), [
    "",
    "lead: sent; waiting for ACCEPTED",
    "lead: QUEUED; waiting for ACCEPTED",
    "lead: QUEUED > DELIVERED; held: a draft is in the composer",
    "",
  ]);
});

test("it has colours unless NO_COLOR or --no-color say otherwise", async () => {
  assert.match((await slowSend([], { isStderrTerminal: true }, seen)).stderr, /\x1b\[33mlead: QUEUED > DELIVERED/);
  assert.doesNotMatch((await slowSend(["--no-color"], { isStderrTerminal: true }, seen)).stderr, /\x1b\[\d+m/);
});

const silent: [string, string[], MemoryIoOptions][] = [
  ["into a pipe", [], {}],
  ["with --json", ["--json"], { isStderrTerminal: true }],
  ["on a dumb terminal", [], { isStderrTerminal: true, env: { TERM: "dumb" } }],
];
for (const [where, flags, options] of silent) {
  test(`nothing is shown ${where}, and no stream is opened`, async () => {
    const { stderr, asked } = await slowSend(flags, options, async () => {});
    assert.deepEqual([stderr, asked], ["", []]);
  });
}

test("a quick answer shows nothing", async () => {
  const { stderr, asked } = await slowSend([], { isStderrTerminal: true }, async () => {});
  assert.deepEqual([stderr, asked], ["", []]);
});

test("Ctrl-C after a server was heard to have it says that it goes on", async () => {
  const interrupted = async (io: MemoryIo) => {
    await seen(io);
    const reason = new MosaicError("CANCELLED", "interrupted");
    io.interrupt(reason);
    throw reason;
  };
  const { exitCode, stderr } = await slowSend([], { isStderrTerminal: true }, interrupted);
  assert.equal(exitCode, 130);
  assert.ok(
    stderr.endsWith(
      "\r\x1b[Kmosaic: interrupted; message m-1 goes on without you\nhint: see how it goes on: mosaic message watch m-1\nhint: to give it up: mosaic message cancel m-1\n",
    ),
    stderr,
  );
});
