import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core/light";
import {
  DeliveryState,
  FailureReason,
  type ListMessagesRequestJson,
  type Receipt,
  ReceiptSchema,
  type WatchReceiptsRequest,
  type WatchReceiptsResponse,
  WatchReceiptsResponseSchema,
} from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { hostJson } from "../../fleet/builders-for-tests.ts";
import { type MemoryIo, memoryIo } from "../../io/memory-io.ts";
import { receiptJson } from "../../messages/builders-for-tests.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";
const { QUEUED, DELIVERED, ANSWERED, FAILED } = DeliveryState;

const LEAD = { tenantId: "team-a", host: "alpha", name: "lead" };

function news(
  messageId: string,
  state: DeliveryState,
  more: Partial<Pick<Receipt, "held" | "reason" | "detail">> = {},
  agent = LEAD,
): WatchReceiptsResponse {
  return create(WatchReceiptsResponseSchema, { receipt: create(ReceiptSchema, { messageId, agent, state, ...more }) });
}

/** Watches while a server tells, one stream after the other, what is in `streams`; the last one stays open. */
async function watch(argv: string[], streams: WatchReceiptsResponse[][], meanwhile?: (io: MemoryIo) => Promise<void>) {
  const io = memoryIo();
  const asked: WatchReceiptsRequest[] = [];
  const remote = memoryRemote({
    [AGGREGATOR]: {
      unary: {
        ListMessages: ({ messageIds = [] }: ListMessagesRequestJson) => ({
          hosts: [hostJson("alpha")],
          messages: messageIds
            .filter((id) => id.startsWith("m-"))
            .map((messageId) => ({ receipt: receiptJson("DELIVERY_STATE_QUEUED", { messageId }) })),
        }),
      },
      streams: {
        async *watchReceipts(request, { signal }) {
          const place = asked.push(request) - 1;
          yield* streams[place] ?? [];
          if (place < streams.length - 1) return;
          await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        },
      },
    },
  });
  const running = runCli(["message", "watch", ...argv], io, { deps: { remote } });
  await meanwhile?.(io);
  return { exitCode: await running, stdout: io.stdout.text, stderr: io.stderr.text, asked };
}

test("with ids it ends when each is at its end; all answered is exit 0", async () => {
  const { exitCode, stdout, asked } = await watch(
    ["m-1", "m-2"],
    [[news("m-1", QUEUED, { held: "host gone" }), news("m-2", ANSWERED), news("m-1", DELIVERED), news("m-1", ANSWERED)]],
  );
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `m-1  team-a/alpha/lead  QUEUED       held: host gone
m-2  team-a/alpha/lead  ANSWERED
m-1  team-a/alpha/lead  DELIVERED
m-1  team-a/alpha/lead  ANSWERED
`,
  );
  assert.deepEqual(asked[0]?.messageIds, ["m-1", "m-2"]);
});

test("one that failed is exit 6", async () => {
  const { exitCode, stdout } = await watch(["m-1"], [[news("m-1", FAILED, { reason: FailureReason.DRAFT, detail: "a draft" })]]);
  assert.deepEqual([exitCode, stdout], [6, "m-1  team-a/alpha/lead  FAILED(DRAFT)  a draft\n"]);
});

test("--json prints one line per step", async () => {
  const { stdout } = await watch(["m-1", "--json"], [[news("m-1", QUEUED), news("m-1", ANSWERED)]]);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map((line) => [Object.keys(line), line.schema, line.complete, line.receipt.state]),
    [
      [["schema", "complete", "receipt"], "mosaic.message.receipt/1", false, "QUEUED"],
      [["schema", "complete", "receipt"], "mosaic.message.receipt/1", true, "ANSWERED"],
    ],
  );
});

test("a stream that breaks is opened again, and what it tells twice is told once", async () => {
  const { exitCode, stdout, stderr, asked } = await watch(
    ["m-1"],
    [[news("m-1", QUEUED)], [news("m-1", QUEUED), news("m-1", ANSWERED)]],
  );
  assert.deepEqual([exitCode, asked.length], [0, 2]);
  assert.deepEqual(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split(/ +/)[2]),
    ["QUEUED", "ANSWERED"],
  );
  assert.equal(stderr, "mosaic: the server ended the stream; trying again\n");
});

test("without ids it goes on until Ctrl-C", async () => {
  const { exitCode, stdout, asked } = await watch([], [[news("m-1", ANSWERED)]], async (io) => {
    await io.stdout.shows(/ANSWERED/);
    io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  });
  assert.deepEqual([exitCode, stdout.split("\n").length, asked[0]?.messageIds], [130, 2, []]);
});

test("only messages to the agents that are named are told", async () => {
  const other = { tenantId: "team-a", host: "beta", name: "coder0" };
  const { stdout, asked } = await watch(
    ["--agent", "alpha/lead"],
    [[news("m-1", QUEUED, {}, other), news("m-2", QUEUED)]],
    async (io) => {
      await io.stdout.shows(/m-2/);
      io.interrupt(new MosaicError("CANCELLED", "interrupted"));
    },
  );
  assert.doesNotMatch(stdout, /m-1/);
  assert.deepEqual([asked[0]?.selector?.hosts, asked[0]?.selector?.names], [["alpha"], ["lead"]]);
});

test("an id that nobody knows is refused instead of waited for", async () => {
  const { exitCode, stderr, asked } = await watch(["x-1"], [[]]);
  assert.deepEqual([exitCode, asked.length], [1, 0]);
  assert.match(stderr, /no message "x-1" is known/);
});
