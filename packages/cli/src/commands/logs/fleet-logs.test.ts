import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aborted, type ErrorCode, MosaicError } from "@mosaic/core";
import { LogLevel, type ReadLogRequest, type ReadLogResponse, ReadLogResponseSchema } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const ENDPOINT = "http://127.0.0.1:4000";
const NOON = Date.UTC(2026, 10, 21, 12);

type Told = (request: ReadLogRequest, signal: AbortSignal) => AsyncGenerator<ReadLogResponse>;

const logOf = (tenantId: string, host: string, time: number, message: string, offMs = 0): Told =>
  async function* () {
    const source = { tenantId, host, asOfUnixMs: BigInt(NOON + 9000 + offMs), passedOnUnixMs: BigInt(NOON + 9000) };
    const fields = [{ name: "code", value: { case: "number", value: 7 } }] as const;
    const lines = [{ timeUnixMs: BigInt(NOON + time), level: LogLevel.WARN, message, fields: [...fields] }];
    yield create(ReadLogResponseSchema, { source, lines, caughtUp: true, position: { epoch: "e", written: 1n } });
  };

const failing = (code: ErrorCode, message: string): Told =>
  async function* () {
    yield Promise.reject(new MosaicError(code, message));
  };

interface Fleet {
  /** By host; of the aggregator itself as `hub`. */
  readonly logs: Readonly<Record<string, Told>>;
  readonly capabilities?: readonly string[];
  readonly scope?: object;
  readonly tenants?: Readonly<Record<string, string>>;
}

async function logs(words: string, { logs: told, capabilities = ["read-log"], scope, tenants = {} }: Fleet) {
  const hosts = Object.keys(told).filter((host) => host !== "hub");
  const statuses = hosts.map((host) => ({ tenantId: tenants[host] ?? "team-a", host, hostId: `id-of-${host}`, via: ["a-1"] }));
  const asked: ReadLogRequest[] = [];
  const remote = memoryRemote({
    [ENDPOINT]: {
      unary: {
        Info: () => ({ role: "ROLE_AGGREGATOR", id: "a-1", host: "hub", version: "0.1.0", capabilities }),
        List: () => ({ hosts: statuses, ...(scope ? { scope } : {}) }),
      },
      streams: {
        async *readLog(request, { signal }) {
          asked.push(request);
          const log = told[request.aggregatorId === "a-1" ? "hub" : request.host];
          if (log) yield* log(request, signal);
        },
      },
    },
  });
  const io = memoryIo({ env: { MOSAIC_ENDPOINT: ENDPOINT } });
  const running = runCli(["logs", "--all-hosts", ...words.split(" ").filter(Boolean)], io, { deps: { remote } });
  const end = async () => ({ exitCode: await running, stdout: io.stdout.text, stderr: io.stderr.text, asked });
  return { io, end };
}

const HUB = logOf("", "hub", 3000, "aggregator is serving");

test("the logs of all hosts are one, by time, with the host of each line", async () => {
  const { end } = await logs("--level warn", {
    logs: { alpha: logOf("team-a", "alpha", 2000, "slow"), beta: logOf("team-a", "beta", 1000, "slower"), hub: HUB },
  });
  const { exitCode, stdout, stderr, asked } = await end();
  assert.equal(
    stdout,
    `2026-11-21T12:00:01.000Z  warn   beta   node        slower code=7
2026-11-21T12:00:02.000Z  warn   alpha  node        slow code=7
2026-11-21T12:00:03.000Z  warn   hub    aggregator  aggregator is serving code=7
`,
  );
  assert.deepEqual([exitCode, stderr], [0, ""]);
  assert.deepEqual(
    asked.map(({ minLevel, lines, follow }) => [minLevel, lines, follow]),
    Array.from({ length: 3 }, () => [LogLevel.WARN, 120, false]),
  );
});

test("one that can't be read is named with the reason: exit 3; none that can: exit 4", async () => {
  const beta = failing("HOST_UNREACHABLE", "host team-a/beta does not answer: connection refused");
  const { end } = await logs("--json --role node", { logs: { alpha: logOf("team-a", "alpha", 1, "slow"), beta, hub: HUB } });
  const { exitCode, stdout, stderr } = await end();
  const answer = JSON.parse(stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "sources", "missing", "items"]);
  assert.deepEqual([exitCode, answer.complete, answer.sources], [3, false, ["team-a/alpha"]]);
  const detail = "host team-a/beta does not answer: connection refused";
  assert.deepEqual(answer.missing, [{ tenant_id: "team-a", host: "beta", daemon: "node", code: "HOST_UNREACHABLE", detail }]);
  assert.deepEqual(Object.keys(answer.items[0]), [
    ...["tenant_id", "host", "time_unix_ms", "age_ms", "level", "daemon", "message", "fields"],
  ]);
  assert.equal(stderr, `mosaic: ${detail}\n`);
  const none = await (await logs("--role node --jsonl", { logs: { beta, hub: HUB } })).end();
  assert.deepEqual([none.exitCode, JSON.parse(none.stdout).complete, JSON.parse(none.stdout).type], [4, false, "end"]);
});

test("a daemon that does not answer in time is one that is missing", async () => {
  const hangs: Told = async function* (_request, signal) {
    yield* [];
    await aborted(signal);
  };
  const { end } = await logs("--timeout 200ms", { logs: { alpha: logOf("team-a", "alpha", 1, "slow"), beta: hangs, hub: HUB } });
  const { exitCode, stderr } = await end();
  assert.deepEqual([exitCode, stderr], [3, "mosaic: no log of team-a/beta: no answer within 200 ms\n"]);
});

test("who may read none is refused; an aggregator that keeps its own log back is none that is missing", async () => {
  const refused = failing("NOT_ALLOWED", "ReadLog is not allowed: no grant lets ada diagnose in team-a");
  const none = await (await logs("", { logs: { alpha: refused, hub: refused } })).end();
  assert.deepEqual([none.exitCode, none.stdout], [5, ""]);
  const own = await (await logs("", { logs: { alpha: logOf("team-a", "alpha", 1, "slow"), hub: refused } })).end();
  assert.deepEqual([own.exitCode, own.stderr], [0, ""]);
  assert.equal((await (await logs("--role aggregator", { logs: { hub: refused } })).end()).exitCode, 5);
  const followed = await (await logs("--follow", { logs: { alpha: refused, hub: refused } })).end();
  assert.deepEqual([followed.exitCode, /team-a\/alpha: is not followed/.test(followed.stderr)], [5, true], followed.stderr);
});

test("hosts of which only the number is shown are not asked, and names that there are not are a mistake", async () => {
  const scope = { tenantIds: ["team-a"], countsOthers: true };
  const fleet = { logs: { alpha: logOf("team-a", "alpha", 1, "slow"), beta: HUB, hub: HUB }, scope, tenants: { beta: "team-b" } };
  const { exitCode, asked } = await (await logs("--role node", fleet)).end();
  assert.deepEqual([exitCode, asked.map(({ host }) => host)], [0, ["alpha"]]);
  const mistyped = await (await logs("--host alhpa", fleet)).end();
  assert.deepEqual([mistyped.exitCode, /did you mean alpha\?/.test(mistyped.stderr)], [2, true], mistyped.stderr);
  const hub = await (await logs("--host hub", fleet)).end();
  assert.deepEqual([hub.exitCode, hub.asked.map(({ aggregatorId }) => aggregatorId)], [0, ["a-1"]]);
});

test("a fleet of no hosts has no node's log, and that is said", async () => {
  const { exitCode, stderr } = await (await logs("--role node", { logs: { hub: HUB } })).end();
  assert.deepEqual([exitCode, stderr], [0, "mosaic: there is no node whose log could be read\n"]);
});

test("a server that does not show logs is not asked for them", async () => {
  const { end } = await logs("", { logs: { hub: HUB }, capabilities: ["list"] });
  const { exitCode, stderr } = await end();
  assert.deepEqual([exitCode, /the daemon on hub \(version 0\.1\.0\) does not show logs/.test(stderr)], [1, true], stderr);
});

test("where a host's clock is off its lines are placed by age, the age is shown, and it is said", async () => {
  const beta = logOf("team-a", "beta", 2000 - 60_000, "in the past", -60_000);
  const { end } = await logs("--role node", { logs: { alpha: logOf("team-a", "alpha", 1000, "first"), beta, hub: HUB } });
  const { stdout, stderr } = await end();
  assert.match(stdout, /first code=7\n7\.0s ago {18}warn {3}beta {3}node {8}in the past/);
  assert.equal(
    stderr,
    "mosaic: the clock of team-a/beta is 60.0 s behind: its lines are placed by their age, which is shown in place of their time\n",
  );
});

test("what a daemon wrote can't act on a terminal, in any form", async () => {
  const nasty = logOf("team-a", "alpha", 1, "\u001b]0;owned\u0007\u202e");
  for (const form of ["", "--json", "--jsonl"]) {
    const { stdout } = await (await logs(form, { logs: { alpha: nasty, hub: HUB } })).end();
    assert.match(stdout, /owned/);
    assert.doesNotMatch(stdout.replaceAll("\n", ""), /[\p{Cc}\u202e]/u, form);
  }
});

test("following prints the beginning by time, then lines as they come, with a mark where some are missing, until Ctrl-C", async () => {
  const more = Promise.withResolvers<void>();
  const beta: Told = async function* (request, signal) {
    yield* logOf("team-a", "beta", 1000, "old")(request, signal);
    await more.promise;
    const later = { timeUnixMs: BigInt(NOON), level: LogLevel.INFO, message: "new" };
    yield create(ReadLogResponseSchema, { missed: 4n, lines: [later] });
    await aborted(signal);
  };
  const stays: Told = async function* (request, signal) {
    yield* logOf("team-a", "alpha", 2000, "second")(request, signal);
    await aborted(signal);
  };
  const { io, end } = await logs("--follow --role node", { logs: { alpha: stays, beta, hub: HUB } });
  await io.stdout.shows(/beta {3}node {8}old.*\n.*alpha {2}node {8}second/);
  more.resolve();
  await io.stdout.shows(/--- team-a\/beta: 4 lines are missing here\n.*new/);
  io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  const { exitCode, stderr } = await end();
  assert.deepEqual([exitCode, stderr], [0, ""]);
});
