/** Two aggregators side by side on one real PostgreSQL: either may be killed, and so may the database. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { postgresObstacle, startPostgres, type TestPostgres } from "../postgres/start-postgres.ts";
import { type DaemonHome, daemonHome, quietRoster } from "./daemon-home.ts";
import { MOSAIC } from "./demo-fleet.ts";
import { type ProgramEnd, type RunningProgram, runToEnd } from "./run-program.ts";
import { tellAll } from "./tell-all.ts";

interface Answer {
  readonly hosts: readonly { readonly host: string; readonly state: string }[];
  readonly conditions: readonly { readonly type: string; readonly message: string }[];
}

interface Fleet {
  readonly database: TestPostgres;
  readonly one: DaemonHome;
  readonly other: DaemonHome;
  /** Of the node of host alpha, without an aggregator. */
  readonly alpha: DaemonHome;
  readonly running: Map<string, RunningProgram>;
}

/** Longer than a lease lasts, with time to spare. */
const TAKEOVER_MS = 60_000;

test(
  "two aggregators on one database",
  { timeout: 300_000, skip: postgresObstacle() ?? false },
  tellAll(async (context) => {
    await using stack = new AsyncDisposableStack();
    const fleet = await start(stack);
    const part = (name: string, work: (fleet: Fleet) => Promise<void>) => context.test(name, () => work(fleet));
    await part("a host that is added at one is expected at the other", addedAtOne);
    await part("a message that one took, and was killed with, is delivered by the other", killedWithAMessage);
    await part("who names both is answered by the one that lives", answeredByEither);
    await part("without the database every host stays listed, with the reason, and nothing is taken", withoutDatabase);
    await part("when the database is back everything goes on by itself", databaseIsBack);
    await part("an aggregator that starts without the database knows the hosts that it knew", startedWithoutDatabase);
    await part("no password is in a log", (all) => noPassword(context, all));
  }),
);

async function start(stack: AsyncDisposableStack): Promise<Fleet> {
  const database = stack.use(await startPostgres());
  const url = new URL((await database.createDatabase()).replace("@/", "@host/"));
  const passwords = join(database.folder, "pgpass");
  writeFileSync(passwords, `*:*:*:mosaic:${database.password}\n`, { mode: 0o600 });
  const store = `postgres://mosaic@${url.pathname}${url.search}`;
  const env = { PGPASSFILE: passwords };
  // Told in the environment, and on the command line.
  const one = stack.use(await daemonHome({ name: "one", env: { ...env, MOSAIC_STORE: store } }));
  const other = stack.use(await daemonHome({ name: "other", env }));
  const alpha = stack.use(await daemonHome({ name: "alpha" }));
  for (const home of [one, other]) await home.write("fleet/hosts.yaml", "[]\n");
  await alpha.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
  const running = new Map<string, RunningProgram>();
  running.set("alpha", await alpha.serves("node"));
  running.set("one", await one.serves("aggregator"));
  running.set("other", await other.serves("aggregator", "--store", store));
  return { database, one, other, alpha, running };
}

async function addedAtOne({ one, other, alpha }: Fleet): Promise<void> {
  const added = await one.mosaic("host", "add", "team-a/alpha", "--address", socketOf(alpha, "node"));
  assert.equal(added.exitCode, 0, added.stdout + added.stderr);
  await shown(other, /LIVE/);
  await shown(one, /LIVE/);
  const drained = await other.mosaic("host", "drain", "team-a/alpha", "--reason", "for a test");
  assert.equal(drained.exitCode, 0, drained.stderr);
  await shown(one, /DRAINING/);
  await one.mosaic("host", "undrain", "team-a/alpha");
  await shown(other, /LIVE/);
}

async function killedWithAMessage({ one, other, alpha, running }: Fleet): Promise<void> {
  await killed(running, "alpha");
  await shown(one, /UNREACHABLE|STALE/);
  const sent = await send(one, "carried-on");
  assert.equal(sent.exitCode, 0, sent.stdout + sent.stderr);
  await killed(running, "one");
  const again = await send(other, "carried-on");
  assert.equal(again.exitCode, 0, "the same id, sent to the other one, is the same message");
  running.set("alpha", await alpha.serves("node"));
  await eventually(
    "the other one delivers it",
    async () => (await stepsOf(other, "carried-on")).includes("DELIVERED"),
    TAKEOVER_MS,
  );
  const inInbox = await alpha.mosaic("message", "list", "--json");
  assert.equal(inInbox.stdout.match(/"carried-on"/g)?.length, 1, inInbox.stdout);
}

async function answeredByEither(fleet: Fleet): Promise<void> {
  const { one, other, running } = fleet;
  const answer = await either(fleet, "fleet", "ps", "--all-hosts", "--json");
  assert.match(answer.stdout, /"alpha"/, answer.stderr);
  running.set("one", await one.serves("aggregator"));
  await killed(running, "other");
  assert.match((await either(fleet, "host", "list", "--json")).stdout, /"alpha"/);
  running.set("other", await other.serves("aggregator", "--store", one.env["MOSAIC_STORE"] ?? ""));
  await shown(other, /LIVE/);
}

async function withoutDatabase({ database, one, other }: Fleet): Promise<void> {
  await database.stop();
  for (const home of [one, other]) {
    await eventually("it is said", async () => (await listed(home)).conditions.some(isAboutStore), 30_000);
    await shown(home, /LIVE/);
    const ps = await home.mosaic("fleet", "ps", "--all-hosts");
    assert.match(ps.stdout, /lead/);
    assert.match(ps.stdout + ps.stderr, /database .*nobody listens there/);
    for (const refused of [
      await home.mosaic("host", "add", "team-a/beta", "--address", "127.0.0.1:1", "--json"),
      await send(home, "lost"),
    ]) {
      assert.equal(refused.exitCode, 1, refused.stdout + refused.stderr);
      assert.match(refused.stdout, /"STORE_UNAVAILABLE"/);
      assert.match(refused.stdout, /postgres:\/\/mosaic@\/test_1\?host=/);
    }
    const shown_ = await home.mosaic("message", "show", "carried-on", "--text", "--all-hosts");
    assert.match(shown_.stdout, /text of carried-on/, shown_.stderr);
  }
}

async function databaseIsBack({ database, one, other }: Fleet): Promise<void> {
  await database.start();
  for (const home of [one, other]) {
    await eventually("it is over", async () => !(await listed(home)).conditions.some(isAboutStore), 40_000);
    await eventually("sends are taken", async () => (await send(home, `after-${home === one}`)).exitCode === 0, 40_000);
  }
  assert.deepEqual(await stepsOf(one, "lost"), [], "what was refused is not there");
  const [byOne, byOther] = ["after-true", "after-false"];
  await eventually(
    "each delivers its own",
    async () => {
      const steps = [await stepsOf(one, byOne ?? ""), await stepsOf(other, byOther ?? "")];
      return steps.every((names) => names.includes("DELIVERED"));
    },
    TAKEOVER_MS,
  );
}

async function startedWithoutDatabase({ database, one, running }: Fleet): Promise<void> {
  await killed(running, "one");
  await database.stop();
  running.set("one", await one.serves("aggregator"));
  await shown(one, /LIVE/);
  assert.ok((await listed(one)).conditions.some(isAboutStore));
  await database.start();
  await eventually("it is over", async () => !(await listed(one)).conditions.some(isAboutStore), 40_000);
}

async function noPassword(context: TestContext, { database, running }: Fleet): Promise<void> {
  const logs = [...running.values()].map((program) => program.stderr() + program.stdout()).join("\n");
  assert.match(logs, /postgres:\/\/mosaic@/);
  assert.ok(!logs.includes(database.password), "the password is in a log");
  context.diagnostic(`${logs.split("\n").length} lines of logs were read`);
}

/** Asks whichever of the two answers first. */
async function either({ one, other, alpha }: Fleet, ...args: string[]): Promise<ProgramEnd> {
  const endpoint = [one, other].map((home) => socketOf(home, "aggregator")).join(",");
  return await runToEnd([...MOSAIC, ...args], { env: { ...alpha.env, MOSAIC_ENDPOINT: endpoint } });
}

async function listed(home: DaemonHome): Promise<Answer> {
  const end = await home.mosaic("host", "list", "--all-hosts", "--json");
  assert.notEqual(end.stdout, "", end.stderr);
  return JSON.parse(end.stdout) as Answer;
}

/** Resolves when host alpha is shown in that state. */
async function shown(home: DaemonHome, state: RegExp): Promise<void> {
  const isSo = async () => (await listed(home)).hosts.some((host) => host.host === "alpha" && state.test(host.state));
  await eventually(`alpha is ${state} there`, isSo, 40_000);
}

function send(home: DaemonHome, id: string): Promise<ProgramEnd> {
  return home.mosaic(
    "agent",
    "send",
    "alpha/lead",
    "-m",
    `text of ${id}`,
    "--id",
    id,
    "--wait",
    "queued",
    "--all-hosts",
    "--json",
  );
}

/** Names of the steps that a message has gone; none when it is not known. */
async function stepsOf(home: DaemonHome, id: string): Promise<string[]> {
  const end = await home.mosaic("message", "show", id, "--all-hosts", "--json");
  return [...end.stdout.matchAll(/"state": ?"([A-Z]+)"/g)].map(([, name]) => name ?? "");
}

function isAboutStore({ type }: Answer["conditions"][number]): boolean {
  return type === "STORE_UNAVAILABLE";
}

function socketOf(home: DaemonHome, role: "node" | "aggregator"): string {
  return `unix:${join(home.mosaicHome, `fleet/run/${role}.sock`)}`;
}

async function killed(running: Fleet["running"], name: string): Promise<void> {
  const program = running.get(name);
  program?.kill("SIGKILL");
  await program?.ended;
}
