/** Rosters, memberships, homes and addresses that can't be used: refused with words, or outlived. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { type DaemonHome, type DaemonRecord, daemonHome, quietRoster } from "./daemon-home.ts";
import { hostIn, type PsAnswer } from "./ps-answer.ts";
import type { ProgramEnd } from "./run-program.ts";

const LONG = { timeout: 60_000 };

describe("a node", () => {
  test("refuses a malformed roster, and says where", LONG, async () => {
    await using home = await daemonHome();
    await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]).replace("runtime: stub", "runtime: cloude"));
    assertRefused(await home.fails("node"), 1, /roster\.yaml:9:5: .*"cloude".*\nhint: did you mean claude\?/);
    await home.write("fleet/roster.yaml", "version: 1\nagents: [\n");
    assertRefused(await home.fails("node"), 1, /roster\.yaml:\d+:\d+: /);
  });

  test("refuses to start without a roster, and names the file", LONG, async () => {
    await using home = await daemonHome();
    assertRefused(await home.fails("node"), 1, /no roster at .*fleet\/roster\.yaml/);
  });

  test("keeps the last good roster when the file goes bad, and says so in fleet ps", LONG, async () => {
    await using home = await daemonHome();
    await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead", "coder0"]));
    const node = await home.serves("node");
    await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead", "lead"]));
    const bad = await eventually("the condition is there", async () => {
      const answer = await ps(home);
      return hostIn(answer, "alpha").conditions.some(({ type }) => type === "ROSTER_INVALID") && answer;
    });
    assert.deepEqual(
      bad.items.map((item) => item.name),
      ["coder0", "lead"],
    );
    assert.match(
      hostIn(bad, "alpha").conditions.find(({ type }) => type === "ROSTER_INVALID")?.message ?? "",
      /roster\.yaml:\d+:\d+: .*lead.*; the last good one is in force/,
    );
    assert.match((await home.mosaic("fleet", "ps")).stdout, /ROSTER_INVALID/);

    await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead", "coder0", "coder1"]));
    await eventually("the good one is in force", async () => {
      const { hosts, items } = await ps(home);
      return hosts[0]?.conditions.every(({ type }) => type !== "ROSTER_INVALID") && items.length === 3;
    });
    node.kill("SIGTERM");
    assert.equal((await node.ended).exitCode, 0);
  });

  test("ends with the reason when its port is taken", LONG, async () => {
    await using home = await withRoster();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    assertRefused(await home.fails("node", "--listen", `127.0.0.1:${port}`), 1, new RegExp(`cannot listen on .*:${port}`));
    other.close();
  });

  test("does not listen on an address that others can reach", LONG, async () => {
    await using home = await withRoster();
    for (const address of ["0.0.0.0:0", "[::]:0", "192.0.2.1:8787", "example.com:80"]) {
      assertRefused(await home.fails("node", "--listen", address), 5, /loopback/);
    }
    assert.equal(existsSync(join(home.mosaicHome, "fleet/run/node.json")), false);
  });

  test("leaves a home alone that another one serves", LONG, async () => {
    await using home = await withRoster();
    const first = await home.serves("node");
    assertRefused(await home.fails("node"), 1, /another daemon already serves ".*node\.sock"/);
    assert.equal(hostIn(await ps(home), "alpha").state, "LIVE");
    assert.equal((await recordOf(home)).pid, first.pid);
  });

  test("takes the socket of a killed one over", LONG, async () => {
    await using home = await withRoster();
    const first = await home.serves("node");
    first.kill("SIGKILL");
    await first.ended;
    assert.equal(existsSync(join(home.mosaicHome, "fleet/run/node.sock")), true, "a killed node leaves its socket");
    await home.serves("node");
    assert.equal((await ps(home)).via, "node");
  });

  test("does not remove what is no socket of its own", LONG, async () => {
    await using home = await withRoster();
    await home.write("fleet/run/node.sock", "somebody's notes");
    assertRefused(await home.fails("node"), 1, /something that is no socket is in the way/);
    assert.equal(existsSync(join(home.mosaicHome, "fleet/run/node.sock")), true);
  });

  test("serves a home with spaces and accents in its path", LONG, async () => {
    await using home = await withRoster("my möse 'home'");
    await home.serves("node");
    const answer = await ps(home);
    assert.deepEqual([answer.via, answer.items.length], ["node", 1]);
  });

  test("says that a home is too deep for a socket", LONG, async () => {
    await using home = await withRoster("d".repeat(100));
    assertRefused(await home.fails("node"), 2, /has \d+ bytes, and the system takes 107 at most/);
  });
});

describe("an aggregator", () => {
  test("refuses a membership that it can't use, and names the group", LONG, async () => {
    await using home = await daemonHome();
    await home.write(
      "fleet/hosts.yaml",
      '- targets: ["127.0.0.1:1"]\n  labels: { host: alpha, tenant: t }\n- targets: []\n  labels: { host: b, tenant: t }\n',
    );
    assertRefused(await home.fails("aggregator"), 1, /hosts\.yaml: group 2: targets is empty/);
    await home.write("fleet/hosts.yaml", "- [\n");
    assertRefused(await home.fails("aggregator"), 1, /hosts\.yaml: /);
  });

  test("keeps the last good membership when the file goes bad", LONG, async () => {
    await using home = await withRoster();
    const node = await home.serves("node", "--listen", "127.0.0.1:0");
    await home.write("fleet/hosts.yaml", membership(node.record, "alpha"));
    const aggregator = await home.serves("aggregator");
    await eventually("alpha is LIVE", async () => hostIn(await ps(home, "--all-hosts"), "alpha").state === "LIVE");
    await home.write("fleet/hosts.yaml", "nonsense: [");
    await eventually(
      "the bad file is logged",
      () => /hosts\.yaml/.test(aggregator.stderr()) && /last good/.test(aggregator.stderr()),
    );
    assert.equal(hostIn(await ps(home, "--all-hosts"), "alpha").state, "LIVE");
  });

  test("takes an emptied membership file for a bad one, not for a fleet of no hosts", LONG, async () => {
    await using home = await withRoster();
    const node = await home.serves("node", "--listen", "127.0.0.1:0");
    await home.write("fleet/hosts.yaml", membership(node.record, "alpha"));
    const aggregator = await home.serves("aggregator");
    await eventually("alpha is LIVE", async () => hostIn(await ps(home, "--all-hosts"), "alpha").state === "LIVE");
    await home.overwrite("fleet/hosts.yaml", "");
    await eventually("the empty file is logged", () => /hosts\.yaml: .*empty/.test(aggregator.stderr()));
    assert.equal(hostIn(await ps(home, "--all-hosts"), "alpha").state, "LIVE");
  });

  test("answers for a fleet of no hosts", LONG, async () => {
    await using home = await daemonHome();
    await home.write("fleet/hosts.yaml", "[]\n");
    await home.serves("aggregator");
    const end = await home.mosaic("fleet", "ps", "--all-hosts", "--json");
    const answer = JSON.parse(end.stdout) as PsAnswer;
    assert.deepEqual([end.exitCode, answer.complete, answer.hosts, answer.items], [0, true, [], []]);
  });

  test("does not show a host's rows under another host's name", LONG, async () => {
    await using home = await withRoster();
    const node = await home.serves("node", "--listen", "127.0.0.1:0");
    await home.write("fleet/hosts.yaml", membership(node.record, "beta"));
    await home.serves("aggregator");
    const answer = await eventually("beta is judged", async () => {
      const found = await ps(home, "--all-hosts");
      return hostIn(found, "beta").state === "AUTH_FAILED" && found;
    });
    assert.match(hostIn(answer, "beta").detail, /team-a\/beta is expected there, team-a\/alpha answers/);
    assert.deepEqual([answer.complete, answer.items], [false, []]);
    const table = await home.mosaic("fleet", "ps", "--all-hosts");
    assert.match(table.stdout, /team-a +beta +- +- +AUTH_FAILED /);
    assert.equal(table.exitCode, 4);
  });

  test("refuses itself as a member", LONG, async () => {
    await using home = await daemonHome();
    const socket = join(home.mosaicHome, "fleet/run/aggregator.sock");
    await home.write("fleet/hosts.yaml", `- targets: ["unix:${socket}"]\n  labels: { host: loop, role: aggregator }\n`);
    await home.serves("aggregator");
    await eventually("the loop is named", async () => hostIn(await ps(home, "--all-hosts"), "loop").state === "INCOMPATIBLE");
  });
});

async function withRoster(name = "mosaic"): Promise<DaemonHome> {
  const home = await daemonHome({ name });
  await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
  return home;
}

function membership({ endpoints }: DaemonRecord, host: string): string {
  const target = endpoints.find((endpoint) => endpoint.startsWith("http"));
  return JSON.stringify([{ targets: [target], labels: { host, tenant: "team-a" } }]);
}

async function ps(home: DaemonHome, ...flags: string[]): Promise<PsAnswer> {
  return JSON.parse((await home.mosaic("fleet", "ps", ...flags, "--json")).stdout) as PsAnswer;
}

async function recordOf(home: DaemonHome): Promise<DaemonRecord> {
  return JSON.parse(await readFile(join(home.mosaicHome, "fleet/run/node.json"), "utf8")) as DaemonRecord;
}

/** A daemon that can't start says why and what to do, in two lines of its own and no stack. */
function assertRefused(end: ProgramEnd, exitCode: number, words: RegExp): void {
  assert.equal(end.exitCode, exitCode, end.stderr);
  assert.match(end.stderr, words);
  assert.doesNotMatch(end.stderr, /^\s+at /m);
  assert.equal(end.stdout, "");
}
