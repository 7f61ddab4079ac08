import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "@mosaic/host";
import { openMessageStore } from "@mosaic/store";
import { aMessage } from "@mosaic/testkit";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";

const NOW = Date.UTC(2026, 10, 21, 9, 8, 7);
const clock = { nowUnixMs: () => NOW, monotonicMs: () => 0, sleep: async () => {} };

/** A home with a damaged outbox of 60 messages. */
async function damagedHome(context: TestContext) {
  const home = mkdtempSync(join(tmpdir(), "mosaic-repair-"));
  context.after(() => rmSync(home, { recursive: true }));
  const messages = join(home, "fleet/messages");
  mkdirSync(messages, { recursive: true });
  const path = join(messages, "outbox.db");
  {
    await using store = await openMessageStore({ path, clock: systemClock, minFreeShare: 0, minFreeBytes: 0 });
    const text = "x".repeat(2000);
    await Promise.all(Array.from({ length: 60 }, (_, index) => store.add(aMessage({ messageId: `m-${index}`, text }))));
  }
  const bytes = readFileSync(path);
  const page = Math.floor(bytes.length / 4096 / 2) * 4096;
  writeFileSync(path, bytes.fill(0xa5, page, page + 4096));
  const repair = async (...flags: string[]) => {
    const io = memoryIo({ clock, env: { HOME: home } });
    const exitCode = await runCli(["message", "repair", ...flags, "--mosaic-home", home], io);
    return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
  };
  return { home, messages, path, bytes, repair };
}

test("a dry run says what is wrong and what would be lost, and changes nothing", async (context) => {
  const { path, bytes, repair, home } = await damagedHome(context);
  const { exitCode, stdout } = await repair("--dry-run");
  assert.equal(exitCode, 0);
  assert.match(stdout, /^inbox: there is none\noutbox: the message store ".*outbox\.db" can't be used: it is damaged/);
  assert.match(
    stdout,
    /would be set aside; nothing was changed\n {2}lost, as far as can be read: \d+ of \d+ messages were still/,
  );
  assert.match(stdout, /\n {4}m-0 {2}team-a\/alpha\/lead {2}QUEUED\n/);
  assert.match(stdout, /\n {4}and \d+ more: .*\n {2}next: mosaic message repair\n$/);
  assert.ok(readFileSync(path).equals(bytes));
  assert.equal(readdirSync(join(home, "fleet")).includes("audit.jsonl"), false);
});

test("a refused store is set aside as it was, on record, and the next look finds none", async (context) => {
  const { path, bytes, repair, home } = await damagedHome(context);
  const { exitCode, stdout } = await repair();
  assert.equal(exitCode, 0);
  const aside = `${path}.set-aside-20261121T090807Z`;
  assert.ok(stdout.includes(`set aside, and kept as it was: ${aside}\n`), stdout);
  assert.match(stdout, /next: start mosaic-aggregator again; it begins with an empty outbox\n$/);
  assert.ok(readFileSync(aside).equals(bytes));
  const [line = ""] = readFileSync(join(home, "fleet/audit.jsonl"), "utf8").split("\n");
  assert.deepEqual([JSON.parse(line).action, JSON.parse(line).facts.store], ["message.repair", "outbox"]);
  assert.equal((await repair()).stdout, "inbox: there is none\noutbox: there is none\n");
});

test("what can't be put on record is not moved", async (context) => {
  const { path, bytes, repair, home } = await damagedHome(context);
  mkdirSync(join(home, "fleet/audit.jsonl"));
  const { exitCode, stderr } = await repair();
  assert.equal(exitCode, 1);
  assert.match(stderr, /^mosaic: cannot write the audit log /);
  assert.ok(readFileSync(path).equals(bytes));
});

test("a store that a daemon has is not touched, and that is exit 1; a sound one stays", async (context) => {
  const { messages, path, repair } = await damagedHome(context);
  rmSync(path);
  {
    await using _inUse = await openMessageStore({ path: join(messages, "inbox.db"), clock: systemClock });
    const { exitCode, stdout } = await repair();
    assert.equal(exitCode, 1);
    assert.match(stdout, /^inbox: in use, and not looked into: .*\n {2}if it is refused, stop mosaic-node first/);
  }
  const { exitCode, stdout } = await repair();
  assert.deepEqual([exitCode, stdout.split("\n")[0]], [0, "inbox: sound, and left as it is"]);
  assert.ok(readdirSync(messages).includes("inbox.db"));
});

test("the fields of mosaic.message.repair/1", async (context) => {
  const { repair } = await damagedHome(context);
  const answer = JSON.parse((await repair("--json")).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "dry_run", "items"]);
  assert.deepEqual(
    answer.items.map((item: { state: string }) => item.state),
    ["absent", "refused"],
  );
  assert.deepEqual(Object.keys(answer.items[1]).sort(), [
    ...["path", "readable", "reason", "set_aside_to", "state", "store", "unfinished"],
  ]);
});
