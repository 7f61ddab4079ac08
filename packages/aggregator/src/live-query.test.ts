import assert from "node:assert/strict";
import { test } from "node:test";
import { aborted, MosaicError } from "@mosaic/core";
import { fromConnectError } from "@mosaic/rpc";
import { aHostStatus, anAgent, FakeClock, FakeMember, settle } from "@mosaic/testkit";
import { HostState, type ListResponse, Role } from "@mosaic/wire";
import { fleetOf, nodeMember, nodeOf, siteMember } from "./fleet-for-tests.ts";

const stateName = (state: HostState) => Object.entries(HostState).find(([, value]) => value === state)?.[0];
const statesIn = (answer: ListResponse) => Object.fromEntries(answer.hosts.map((host) => [host.host, stateName(host.state)]));
const detailOf = (answer: ListResponse, name: string) => answer.hosts.find((host) => host.host === name)?.detail;

/** Never answers a List, until its caller gives up. */
function hang(member: FakeMember): { readonly asked: () => number } {
  let asked = 0;
  member.handlers = {
    list: async (_request, { signal }) => {
      asked += 1;
      await aborted(signal);
      throw new Error("nobody waits any more");
    },
  };
  return { asked: () => asked };
}

async function fleetOfNodes(stack: AsyncDisposableStack, names: readonly string[]) {
  const clock = new FakeClock();
  const nodes: Record<string, FakeMember> = Object.fromEntries(names.map((name) => [name, nodeOf(clock, name)]));
  const fleet = await fleetOf(stack, nodes, names.map(nodeMember), clock);
  await clock.advance(100);
  const node = (name: string) => nodes[name] as FakeMember;
  /** Asks live, and lets time pass until there is an answer. */
  const live = async (stepMs = 100) => {
    let isThere = false;
    const answer = fleet.client.list({ live: true }).finally(() => {
      isThere = true;
    });
    const startedMs = clock.monotonicMs();
    for (await settle(); !isThere; await settle()) await clock.advance(stepMs);
    return { answer: await answer, tookMs: clock.monotonicMs() - startedMs };
  };
  return { ...fleet, clock, node, live };
}

test("a hung host is named after its own 2 s, and the others' answers are there", async () => {
  await using stack = new AsyncDisposableStack();
  const { live, node } = await fleetOfNodes(stack, ["alpha", "beta", "gamma"]);
  hang(node("beta"));
  node("alpha").setRow(anAgent({ name: "second" }));
  const { answer, tookMs } = await live();
  assert.deepEqual(statesIn(answer), { alpha: "LIVE", beta: "UNREACHABLE", gamma: "LIVE" });
  assert.match(detailOf(answer, "beta") ?? "", /did not answer within 2000 ms/);
  assert.equal(answer.agents.length, 4, "beta's as last known");
  assert.ok(tookMs >= 2000 && tookMs < 2500, `${tookMs} ms`);
});

test("a hung host costs nothing from the fourth question on: its row is there at once, with the last failure and when it is tried again", async () => {
  await using stack = new AsyncDisposableStack();
  const { live, node } = await fleetOfNodes(stack, ["alpha", "beta"]);
  const { asked } = hang(node("beta"));
  for (let round = 0; round < 3; round += 1) await live();
  const { answer, tookMs } = await live();
  assert.deepEqual([statesIn(answer), tookMs, asked()], [{ alpha: "LIVE", beta: "UNREACHABLE" }, 0, 3]);
  assert.match(
    detailOf(answer, "beta") ?? "",
    /did not answer within 2000 ms; not asked again: failed 3 times, the last 0\.0 s ago/,
  );
  const retryInMs = answer.hosts.find((host) => host.host === "beta")?.retryInMs ?? 0;
  assert.ok(retryInMs > 0 && retryInMs <= 1000, `${retryInMs}`);
});

test("a host that comes back is asked again as soon as its Watch lives, whatever the breaker's pause", async () => {
  await using stack = new AsyncDisposableStack();
  const { live, node, clock } = await fleetOfNodes(stack, ["alpha", "beta"]);
  node("beta").die();
  await clock.advance(10_000);
  // Each question after a pause is a probe that fails, and makes the next pause longer.
  for (let probe = 0; probe < 6; probe += 1) {
    assert.equal(statesIn((await live()).answer)["beta"], "UNREACHABLE");
    await clock.advance(1000 * 2 ** probe);
  }
  assert.equal(statesIn((await live()).answer)["beta"], "UNREACHABLE");
  node("beta").revive(true);
  await clock.advance(3000);
  assert.equal(statesIn((await live()).answer)["beta"], "LIVE");
});

test("a host whose Watch failed three times is not asked: the first question after it died costs nothing either", async () => {
  await using stack = new AsyncDisposableStack();
  const { live, node, clock } = await fleetOfNodes(stack, ["alpha", "beta"]);
  node("beta").die();
  await clock.advance(800);
  const { answer, tookMs } = await live();
  assert.equal(tookMs, 0);
  assert.match(detailOf(answer, "beta") ?? "", /connection refused; not asked again: failed 3 times/);
});

test("a probe whose caller goes away leaves the way open to the next question", async () => {
  await using stack = new AsyncDisposableStack();
  const { live, node, clock, client } = await fleetOfNodes(stack, ["alpha", "beta"]);
  const { asked } = hang(node("beta"));
  for (let round = 0; round < 3; round += 1) await live();
  await clock.advance(2000);
  const call = new AbortController();
  const probe = client.list({ live: true }, { signal: call.signal }).catch(() => {});
  await settle();
  assert.equal(asked(), 4);
  call.abort();
  await probe;
  await settle();
  node("beta").handlers = {};
  assert.equal(statesIn((await live()).answer)["beta"], "LIVE");
});

test("UNAVAILABLE is tried once more, and nothing else is", async () => {
  await using stack = new AsyncDisposableStack();
  const { live, node, clock } = await fleetOfNodes(stack, ["alpha", "beta"]);
  let asked = 0;
  node("beta").handlers = {
    list: async () => {
      asked += 1;
      throw new Error("broken");
    },
  };
  assert.deepEqual([statesIn((await live()).answer)["beta"], asked], ["UNREACHABLE", 1], "INTERNAL is not tried again");
  const flaky = nodeOf(clock, "beta");
  asked = 0;
  node("beta").handlers = {
    list: async () => {
      asked += 1;
      if (asked === 1) throw new MosaicError("HOST_UNREACHABLE", "just now");
      return { rows: [], hosts: flaky.hosts, epoch: "e", rev: 1n, nextPageToken: "", isInconsistent: false };
    },
  };
  assert.deepEqual([statesIn((await live()).answer)["beta"], asked], ["LIVE", 2]);
});

test("more rows than one host may have are cut, and the host says so", async () => {
  await using stack = new AsyncDisposableStack();
  const { live, node } = await fleetOfNodes(stack, ["alpha", "beta"]);
  for (let index = 0; index < 60; index += 1)
    node("beta").setRow(anAgent({ host: "beta", name: `fat${index}`, stateDetail: "x".repeat(50_000) }));
  await settle();
  const { answer } = await live();
  const rows = answer.agents.filter((agent) => agent.host === "beta").length;
  assert.ok(rows > 30 && rows < 45, `${rows} rows of 50 kB in 2 MiB`);
  const [condition] =
    answer.hosts.find((host) => host.host === "beta")?.conditions.filter((one) => one.type === "TRUNCATED") ?? [];
  assert.equal(condition?.message, `${rows} of 61 agents are in this answer: more do not fit`);
  assert.equal(answer.hosts.find((host) => host.host === "alpha")?.conditions.length, 0);
});

test("more than 10,000 rows of a host are cut too, and those of a site come in pages", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const beta = nodeOf(clock, "beta");
  const site = new FakeMember({ clock, host: "site", role: Role.AGGREGATOR });
  for (const host of ["x", "y"]) site.setHost(aHostStatus({ host, via: ["site"], agentCount: 7000 }));
  for (let index = 0; index < 10_050; index += 1) beta.setRow(anAgent({ host: "beta", name: `n${index}` }));
  for (let index = 0; index < 14_000; index += 1) site.setRow(anAgent({ host: index % 2 ? "x" : "y", name: `n${index}` }));
  beta.setHost(aHostStatus({ host: "beta", agentCount: 10_051 }));
  const { client } = await fleetOf(stack, { beta, site }, [nodeMember("beta"), siteMember("site")], clock);
  await clock.advance(100);
  const rows: string[] = [];
  let hosts: ListResponse["hosts"] = [];
  const sizes: number[] = [];
  for (let pageToken = "", first = true; first || pageToken !== ""; first = false) {
    const page = await client.list({ live: true, pageToken });
    for (const { host, name } of page.agents) rows.push(`${host}/${name}`);
    sizes.push(page.agents.length);
    assert.equal(page.inconsistentContinue, false);
    hosts = page.hosts;
    pageToken = page.nextPageToken;
    // What happens between pages is no matter of theirs.
    site.setRow(anAgent({ host: "x", name: `later${sizes.length}` }));
    await settle();
  }
  assert.deepEqual([sizes, new Set(rows).size], [[10_000, 10_000, 4000], 24_000]);
  const conditions = Object.fromEntries(hosts.map((host) => [host.host, host.conditions.map((one) => one.message)]));
  assert.deepEqual(conditions, { beta: ["10000 of more than 10000 agents are in this answer: more do not fit"], x: [], y: [] });
});

test("with hardly any time left no host is asked, and the caller is told so", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, node } = await fleetOfNodes(stack, ["alpha"]);
  const { asked } = hang(node("alpha"));
  const error = await client.list({ live: true }, { timeoutMs: 15 }).catch((thrown: unknown) => fromConnectError(thrown, "list"));
  assert.ok("code" in error && error.code === "DEADLINE", `${error}`);
  assert.equal(asked(), 0);
});

test("the seventeenth question at the same time is told when to come back, and the others are answered", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, node, clock } = await fleetOfNodes(stack, ["alpha"]);
  const { asked } = hang(node("alpha"));
  const questions = Array.from({ length: 16 }, () => client.list({ live: true }));
  await settle();
  assert.equal(asked(), 2, "a host is asked twice at the same time, not sixteen times");
  const error = await client.list({ live: true }).catch((thrown: unknown) => fromConnectError(thrown, "list"));
  assert.ok("code" in error && error.code === "BUSY" && error.retryAfterMs === 1000, `${error}`);
  await clock.advance(6000);
  const states = (await Promise.all(questions)).map((answer) => statesIn(answer)["alpha"]);
  assert.ok(states.includes("UNREACHABLE") && states.every((state) => state !== "LIVE"), `${states}`);
  node("alpha").handlers = {};
  await clock.advance(60_000);
  assert.equal(statesIn(await client.list({ live: true }))["alpha"], "LIVE");
});

test("a question whose turn does not come is OVERLOADED, which is ours and not the host's fault", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, node, clock } = await fleetOfNodes(stack, ["alpha"]);
  hang(node("alpha"));
  const first = [client.list({ live: true }), client.list({ live: true })];
  await settle();
  const late = client.list({ live: true }, { timeoutMs: 1500 });
  await settle();
  await clock.advance(1500);
  const answer = await late;
  assert.equal(statesIn(answer)["alpha"], "OVERLOADED");
  assert.match(detailOf(answer, "alpha") ?? "", /its turn did not come/);
  await clock.advance(5000);
  await Promise.all(first);
});

test("a caller that goes away ends what was asked for it, and no breaker holds that against the hosts", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, node, clock, live } = await fleetOfNodes(stack, ["alpha"]);
  const { asked } = hang(node("alpha"));
  for (let round = 0; round < 5; round += 1) {
    const call = new AbortController();
    const question = client.list({ live: true }, { signal: call.signal }).catch(() => {});
    await settle();
    call.abort();
    await question;
    await settle();
  }
  assert.equal(asked(), 5);
  node("alpha").handlers = {};
  assert.equal(statesIn((await live()).answer)["alpha"], "LIVE");
  await clock.advance(100);
});
