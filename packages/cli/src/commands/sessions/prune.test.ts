import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { procfsTable } from "@mosaic/host";
import { recordingsHome } from "./home-for-tests.ts";

const STARTED = 1_763_719_200_000;
const DAY = 86_400_000;
const clock = { nowUnixMs: () => STARTED + 40 * DAY, monotonicMs: () => 0, sleep: async () => {} };
const [OLD, MIDDLE, OPEN] = ["20251121T100000000Z-000001", "20251201T100000000Z-000002", "20251230T100000000Z-000003"];

async function threeFiles(context: TestContext) {
  const home = await recordingsHome(context);
  await home.add(`lead/${OLD}`, { text: "x".repeat(1000), modifiedUnixMs: STARTED });
  await home.add(`lead/${MIDDLE}`, { text: "x".repeat(2000), modifiedUnixMs: STARTED + 10 * DAY });
  await home.add(`coder0/${OPEN}`, { text: "x".repeat(4000), modifiedUnixMs: STARTED });
  const ticks = procfsTable().read(process.pid)?.startTicks ?? 0;
  await writeFile(join(home.sessions, `coder0/.${OPEN}.writing`), `${process.pid} ${ticks}\n`);
  const left = async () => (await readdir(home.sessions, { recursive: true })).filter((name) => name.endsWith(".cast")).sort();
  return { ...home, left };
}

test("a dry run says exactly what would go, with sizes, and deletes nothing", async (context) => {
  const { run, left } = await threeFiles(context);
  const { io, ended } = run(["prune", "--older-than", "31d", "--dry-run"], { clock });
  assert.equal(await ended, 0);
  assert.equal(io.stdout.text, `would delete ${OLD}  lead  1.0 kB  last written 40d ago  (--older-than)\n1 recording, 1.0 kB.\n`);
  assert.equal((await left()).length, 3);
});

test("--yes deletes, and what is being written stays whatever is asked", async (context) => {
  const { run, left } = await threeFiles(context);
  const { io, ended } = run(["prune", "--keep", "0", "--max-bytes", "0", "--yes"], { clock });
  assert.equal(await ended, 0);
  assert.match(io.stdout.text, /^deleted 20251121.*\ndeleted 20251201.*\n2 recordings, 3\.0 kB\.\n$/);
  assert.deepEqual(await left(), [`coder0/${OPEN}.cast`]);
});

test("each recording is on record before it is deleted, and nothing goes that can't be", async (context) => {
  const { folder, run, left } = await threeFiles(context);
  const audit = join(folder, "fleet/audit.jsonl");
  await mkdir(audit);
  const refused = run(["prune", "--older-than", "31d", "--yes"], { clock });
  assert.equal(await refused.ended, 1);
  assert.match(refused.io.stderr.text, /^mosaic: cannot write the audit log /);
  assert.equal((await left()).length, 3);
  await rmdir(audit);
  const head = "version: 1\ntransport: tmux\ntenant: team-a\nhost: alpha\nagents: [{ name: lead, runtime: stub }]\n";
  await writeFile(join(folder, "fleet/roster.yaml"), head);
  assert.equal(await run(["prune", "--older-than", "31d", "--dry-run"], { clock }).ended, 0);
  assert.equal(await run(["prune", "--older-than", "31d", "--yes"], { clock }).ended, 0);
  const lines = (await readFile(audit, "utf8")).trim().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      {
        ...{ index: 1, prev: "0".repeat(64) },
        at: new Date(clock.nowUnixMs()).toISOString(),
        action: "sessions.prune",
        ...{ actor: "desk:operator", tenant_id: "team-a", host: "alpha", agent: "lead" },
        facts: { recording: OLD, bytes: 1000, reason: "older-than" },
      },
    ],
  );
});

test("on a terminal it asks, and only y is yes", async (context) => {
  const { run, left } = await threeFiles(context);
  for (const [key, count] of [
    ["n", 3],
    ["y", 2],
  ] as const) {
    const { io, ended } = run(["prune", "--keep", "1"], { clock, terminal: { columns: 100, rows: 30 } });
    await io.stderr.shows(/Delete 1 recording, 1\.0 kB\? \[y\/N\]/);
    assert.match(io.stderr.text, new RegExp(`to delete: ${OLD}`));
    io.press(key);
    assert.equal(await ended, 0);
    assert.equal((await left()).length, count);
    assert.equal(io.isRaw, false);
  }
});

test("without a terminal nobody is asked and nothing goes", async (context) => {
  const { run, left } = await threeFiles(context);
  for (const more of [[], ["--json"]]) {
    const { io, ended } = run(["prune", "--keep", "1", ...more], { clock });
    assert.equal(await ended, 2);
    assert.match(io.stderr.text, /nobody can be asked whether to delete 1 recording\nhint: look with --dry-run, then say --yes/);
  }
  assert.equal((await left()).length, 3);
});

test("the fields of mosaic.sessions.prune/1", async (context) => {
  const { run, sessions } = await threeFiles(context);
  const { io, ended } = run(["prune", "--max-bytes", "6kB", "--agent", "lead,coder0", "--yes", "--json"], { clock });
  assert.equal(await ended, 0);
  assert.deepEqual(JSON.parse(io.stdout.text), {
    schema: "mosaic.sessions.prune/1",
    complete: true,
    dry_run: false,
    deleted: true,
    bytes: 1000,
    kept: 2,
    items: [
      {
        id: OLD,
        agent: "lead",
        path: join(sessions, `lead/${OLD}.cast`),
        started_unix_ms: STARTED,
        duration_ms: 0,
        bytes: 1000,
        is_being_written: false,
        reason: "max-bytes",
      },
    ],
  });
});

test("rules are needed, and are understood or refused", async (context) => {
  const { run, left } = await threeFiles(context);
  assert.equal(await run(["prune", "--yes"]).ended, 2);
  assert.equal(await run(["prune", "--max-bytes", "much", "--yes"]).ended, 2);
  const nothing = run(["prune", "--older-than", "90d"], { clock });
  assert.equal(await nothing.ended, 0);
  assert.equal(nothing.io.stdout.text, "Nothing to delete.\n");
  assert.equal((await left()).length, 3);
});
