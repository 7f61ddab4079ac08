/** A dead, a hung and a slow host among many: what they cost an answer from memory, and how a live one ends. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { FleetClient } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import { HostState } from "@mosaic/wire";
import { percentile, timed } from "../bench/figures.ts";
import type { PsAnswer } from "../mesh/ps-answer.ts";
import { tellAll } from "../mesh/tell-all.ts";
import type { Findings } from "../simulation/findings.ts";
import { allLive, assertClean, isLong, newFindings, publish } from "./experiment.ts";
import { type FaultFleet, startFaultFleet } from "./fault-fleet.ts";
import { netObstacle } from "./fault-net.ts";
import { ListProbe } from "./list-probe.ts";

const HOSTS = isLong ? 100 : 30;
const CALLS = isLong ? 2000 : 300;
const COMMANDS = isLong ? 60 : 4;
const LIVE_TIMEOUT_MS = 2000;

/** One of two fleets that are compared; the first three hosts have a process each. */
interface Side {
  readonly fleet: FaultFleet;
  readonly client: FleetClient;
  readonly list: ListProbe;
  readonly calls: { healthy: number[]; faulted: number[] };
  readonly commands: { healthy: number[]; faulted: number[] };
}

test(
  `a dead, a hung and a slow one of ${HOSTS} hosts cost an answer nothing, and a live one names them`,
  { skip: netObstacle() ?? false, timeout: 900_000 },
  tellAll(run),
);

async function run(context: TestContext): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const findings = newFindings();
  const [a, b] = [await side(stack, findings), await side(stack, findings)];
  // Each fleet is the other's measure, asked in turn; then they change places, so that what differs between two processes
  // differs in both directions.
  const live = [];
  for (const each of [a, b]) for (let call = 0; call < CALLS / 4; call += 1) await listed(each);
  const rounds = isLong
    ? ([
        [a, b],
        [b, a],
      ] as const)
    : ([[a, b]] as const);
  for (const [faulted, healthy] of rounds) {
    await makeBad(faulted);
    await compare(faulted, healthy);
    live.push(await askedLive(faulted));
    await makeGood(faulted);
  }
  const all = (what: "calls" | "commands", how: "healthy" | "faulted") => [...a[what][how], ...b[what][how]];
  const ratio = (what: "calls" | "commands", share: number) =>
    Math.round(1000 * (percentile(all(what, "faulted"), share) / percentile(all(what, "healthy"), share))) / 1000;
  const figures = (what: "calls" | "commands") => ({
    ...{ n: all(what, "faulted").length, healthy: precise(all(what, "healthy")), faulted: precise(all(what, "faulted")) },
    ...{ p50Ratio: ratio(what, 0.5), p99Ratio: ratio(what, 0.99) },
  });
  const silentlyMissing = a.list.silentlyMissing + b.list.silentlyMissing;
  publish(context, "bad hosts", { hosts: HOSTS, list: figures("calls"), ps: figures("commands"), live, silentlyMissing });
  assertClean(findings, ["C1", "C2"]);
  assert.equal(silentlyMissing, 0);
  // Wide: what is published is the figure of a quiet machine.
  assert.ok(ratio("calls", 0.5) < 2, "an answer from memory waits for bad hosts");
}

/** Asks both in turn, each as often first as second. */
async function compare(faulted: Side, healthy: Side): Promise<void> {
  const calls = {
    faulted: async () => void faulted.calls.faulted.push(await listed(faulted)),
    healthy: async () => void healthy.calls.healthy.push(await listed(healthy)),
  };
  for (let call = 0; call < CALLS / 2; call += 1) {
    for (const how of call % 2 === 0 ? (["faulted", "healthy"] as const) : (["healthy", "faulted"] as const)) await calls[how]();
  }
  for (let run = 0; run < COMMANDS / 2; run += 1) {
    faulted.commands.faulted.push(await commanded(faulted, 3));
    healthy.commands.healthy.push(await commanded(healthy, 0));
  }
}

async function side(stack: AsyncDisposableStack, findings: Findings): Promise<Side> {
  const fleet = stack.use(await startFaultFleet({ groups: [1, 1, 1, HOSTS - 3], agents: 4 }));
  const connect = () => fleet.aggregator.connect();
  const list = stack.use(new ListProbe({ connect, findings, expected: fleet.hosts, ledger: fleet.ledger, everyMs: 1000 }));
  await allLive(fleet, list);
  const { client } = stack.use(connect());
  return { fleet, client, list, calls: { healthy: [], faulted: [] }, commands: { healthy: [], faulted: [] } };
}

/** The first host is killed, the second stopped, the third takes 3 s over every answer. */
async function makeBad({ fleet, list }: Side): Promise<void> {
  const [dead, hung, slow] = fleet.groups;
  const name = (group: typeof dead) => group?.hosts[0]?.name ?? "";
  await dead?.kill();
  hung?.signal("SIGSTOP");
  slow?.order({ kind: "suffer", host: name(slow), how: "slow" });
  fleet.ledger.silence([name(dead), name(hung)]);
  await eventually("both are lost", () => list.shows([name(dead), name(hung)], HostState.UNREACHABLE), 30_000);
}

async function makeGood({ fleet, list }: Side): Promise<void> {
  const [dead, hung, slow] = fleet.groups;
  fleet.ledger.release(fleet.ledger.silent);
  await dead?.start();
  hung?.signal("SIGCONT");
  slow?.order({ kind: "suffer", host: slow.hosts[0]?.name ?? "", how: "none" });
  await allLive(fleet, list);
}

async function listed({ client }: Side): Promise<number> {
  return await timed(() => client.list({}, { timeoutMs: 5000 }));
}

/** The whole command, as a person types it. */
async function commanded({ fleet }: Side, exitCode: 0 | 3): Promise<number> {
  const end = await fleet.aggregator.mosaic(["fleet", "ps", "--all-hosts", "--json"]);
  assert.equal(end.exitCode, exitCode, end.stderr);
  return end.durationMs;
}

/** @returns how long it took, and whom it named */
async function askedLive({ fleet }: Side): Promise<{ tookMs: number; named: readonly string[] }> {
  const args = ["fleet", "ps", "--all-hosts", "--json", "--live", "--timeout", `${LIVE_TIMEOUT_MS}ms`];
  const end = await fleet.aggregator.mosaic(args, 30_000);
  const answer = JSON.parse(end.stdout) as PsAnswer;
  const bad = answer.hosts.filter((host) => host.state !== "LIVE");
  assert.equal(end.exitCode, 3, end.stderr);
  assert.deepEqual(
    bad.map(({ host }) => host).sort(),
    fleet.hosts.slice(0, 3).map(({ name }) => name),
    JSON.stringify(bad),
  );
  assert.equal(answer.hosts.length, HOSTS);
  assert.equal(answer.items.length, HOSTS * 4);
  assert.ok(end.durationMs < LIVE_TIMEOUT_MS + 3000, `--live --timeout ${LIVE_TIMEOUT_MS}ms took ${end.durationMs} ms`);
  return { tookMs: Math.round(end.durationMs), named: bad.map(({ host, state, detail }) => `${host} ${state}: ${detail}`) };
}

function precise(samples: readonly number[]): { p50: number; p99: number } {
  const at = (share: number) => Math.round(100 * percentile(samples, share)) / 100;
  return { p50: at(0.5), p99: at(0.99) };
}
