import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core/light";
import { connectInMemory } from "@mosaic/rpc";
import { FakeClock, stubHandlers } from "@mosaic/testkit";
import { ReadLogResponseSchema } from "@mosaic/wire";
import { memoryIo } from "../io/memory-io.ts";
import { plainStyle } from "../output/style.ts";
import { followFleetLogs } from "./follow-fleet-logs.ts";
import { FollowPrinter } from "./follow-printer.ts";
import type { LogTarget } from "./log-targets.ts";

const targetOf = (host: string): LogTarget => ({ tenantId: "team-a", host, aggregatorId: "" });

function setUp(down: ReadonlySet<string> = new Set()) {
  const clock = new FakeClock();
  const io = memoryIo({ clock });
  const connection = connectInMemory(
    stubHandlers({
      async *readLog({ host }, { signal }) {
        if (down.has(host)) throw new MosaicError("HOST_UNREACHABLE", `host team-a/${host} does not answer`);
        const lines = [{ timeUnixMs: 1n, message: `${host} says` }];
        yield create(ReadLogResponseSchema, { source: { tenantId: "team-a", host }, lines, caughtUp: true });
        while (!signal.aborted) {
          await clock.sleep(10_000, signal);
          yield create(ReadLogResponseSchema, {});
        }
      },
    }),
  );
  const nameOf = ({ host }: { readonly host: string }) => host;
  const printer = new FollowPrinter({ io, style: plainStyle, isJsonLines: false, lines: 10, nameOf });
  const stop = new AbortController();
  const follow = (targets: readonly LogTarget[], findTargets: () => Promise<readonly LogTarget[]> = async () => targets) => {
    const deps = { client: connection.client, clock, printer, findTargets };
    return followFleetLogs(deps, { targets, lines: 10, level: "debug", signal: stop.signal });
  };
  return { clock, io, follow, stop, connection };
}

test("a host that comes later is followed too", async () => {
  const { clock, io, follow, stop, connection } = setUp();
  const now = [targetOf("alpha")];
  const following = follow(now, async () => [...now, targetOf("beta")]);
  await clock.advance(1000);
  assert.match(io.stdout.text, /alpha says/);
  assert.doesNotMatch(io.stdout.text, /beta says/);
  await clock.advance(31_000);
  assert.match(io.stdout.text, /beta says/);
  stop.abort();
  assert.equal(await following, 0);
  await connection[Symbol.asyncDispose]();
});

test("one that was never heard is said once, tried again, and makes the exit code 3; where none was heard it is 4", async () => {
  for (const [targets, exitCode] of [
    [["alpha", "beta"], 3],
    [["beta"], 4],
  ] as const) {
    const { clock, io, follow, stop, connection } = setUp(new Set(["beta"]));
    const following = follow(targets.map(targetOf));
    await clock.advance(20_000);
    assert.equal(io.stderr.text, "mosaic: team-a/beta: host team-a/beta does not answer; it is tried again\n");
    stop.abort();
    assert.equal(await following, exitCode);
    await connection[Symbol.asyncDispose]();
  }
});

test("more than can be followed at once is a mistake", async () => {
  const { follow } = setUp();
  const many = Array.from({ length: 257 }, (_, index) => targetOf(`h${index}`));
  await assert.rejects(follow(many), /257 logs are too many to follow at once; 256 can be/);
});
