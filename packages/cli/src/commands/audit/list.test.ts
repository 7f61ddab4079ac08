import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { test } from "node:test";
import { auditHome, ENTRY, NOW_MS } from "./home-for-tests.ts";

test("records are listed oldest first, with what they hold", async (context) => {
  const home = auditHome(context);
  await home.record({}, NOW_MS - 7_200_000);
  await home.record({ action: "fleet.start", agent: undefined, facts: undefined });
  const { exitCode, stdout } = await home.mosaic("audit", "list");
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `INDEX  AT                       ACTION       ACTOR          AGENT  FACTS
1      2026-11-21 10:00:00 UTC  agent.reset  desk:operator  lead   how=new
2      2026-11-21 12:00:00 UTC  fleet.start  desk:operator  -
2 records.
`,
  );
});

test("the JSON of a record has these fields", async (context) => {
  const home = auditHome(context);
  await home.record();
  const { stdout } = await home.mosaic("audit", "list", "--json");
  assert.deepEqual(JSON.parse(stdout), {
    schema: "mosaic.audit.list/1",
    complete: true,
    path: home.path,
    unreadable_count: 0,
    items: [
      {
        ...{ index: 1, at: "2026-11-21T12:00:00.000Z", action: "agent.reset", actor: "desk:operator" },
        ...{ tenant_id: "team-a", host: "alpha", agent: "lead", facts: { how: "new" }, is_cut: false },
      },
    ],
  });
  const lines = (await home.mosaic("audit", "list", "--jsonl")).stdout.trim().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).type),
    ["item", "summary"],
  );
});

test("records are chosen by time, action and agent, and the newest are kept", async (context) => {
  const home = auditHome(context);
  await home.record({ action: "agent.attach" }, NOW_MS - 40 * 86_400_000);
  await home.record({ action: "agent.attach", agent: "coder0" }, NOW_MS - 1_800_000);
  await home.record({ action: "fleet.start", agent: undefined });
  const indexes = async (...flags: string[]) =>
    JSON.parse((await home.mosaic("audit", "list", "--json", ...flags)).stdout).items.map(
      ({ index }: { index: number }) => index,
    );
  assert.deepEqual(await indexes("--since", "1h"), [2, 3]);
  assert.deepEqual(await indexes("--since", "41d"), [1, 2, 3]);
  assert.deepEqual(await indexes("--action", "agent"), [1, 2]);
  assert.deepEqual(await indexes("--action", "fleet.start,agent.attach", "--agent", "coder0"), [2]);
  assert.deepEqual(await indexes("--action", "age"), []);
  assert.deepEqual(await indexes("--limit", "2"), [2, 3]);
  const cut = await home.mosaic("audit", "list", "--limit", "2", "--json");
  assert.equal(JSON.parse(cut.stdout).complete, false);
  assert.match(cut.stderr, /^only the newest 2 are shown/);
  assert.equal((await home.mosaic("audit", "list", "--limit", "0")).exitCode, 2);
});

test("nothing of a record acts on a terminal, and a host without a log has nothing on record", async (context) => {
  const home = auditHome(context);
  assert.match((await home.mosaic("audit", "list")).stdout, /^Nothing of that is on record in /);
  await home.record({ actor: "\x1b]0;owned\x07", facts: { "\x1b[2J": "\r" } });
  appendFileSync(home.path, "\x1b[31mhalf a\n");
  const { stdout } = await home.mosaic("audit", "list");
  assert.match(stdout, /^[\x20-\x7e\n]+$/);
  assert.match(stdout, /1 record\. 1 lines are no record: mosaic audit verify\.\n$/);
  assert.ok(stdout.includes(ENTRY.action));
});
