import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { formatJoinLine } from "@mosaic/identity";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";

async function aHome(stack: AsyncDisposableStack) {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-ca-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, "mosaic");
  return async (...line: string[]) => {
    const io = memoryIo({ env: { HOME: folder, MOSAIC_HOME: home } });
    const exitCode = await runCli(line, io, {});
    return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, home };
  };
}

const INIT = ["fleet", "ca", "init", "--fleet", "acme", "--tenant", "team-a", "--user", "ada"];

test("a dry run of ca init makes nothing; ca init makes everything once, keys for their owner alone", async () => {
  await using stack = new AsyncDisposableStack();
  const mosaic = await aHome(stack);
  const dry = await mosaic(...INIT, "--dry-run", "--json");
  assert.deepEqual([dry.exitCode, JSON.parse(dry.stdout).root_pin], [0, null], dry.stderr);
  await assert.rejects(stat(join(dry.home, "fleet")), { code: "ENOENT" });
  const made = await mosaic(...INIT, "--json");
  const answer = JSON.parse(made.stdout);
  assert.deepEqual(Object.keys(answer), [
    ...["schema", "complete", "dry_run", "fleet", "root_is_here", "root_pin", "root_file", "files"],
  ]);
  for (const { path, mode } of answer.files as { path: string; mode: string }[]) {
    assert.equal((await stat(path)).mode & 0o777, Number.parseInt(mode, 8), path);
    const hasKey = (await readFile(path, "utf8")).includes("PRIVATE KEY");
    if (hasKey) assert.equal(mode, "0600", path);
  }
  const again = await mosaic(...INIT);
  assert.match(again.stderr, /is there[\s\S]*hint: there is an authority in this home/);
  assert.equal(again.exitCode, 1);
});

test("ca status and ca rotate say what they did, with the same fields always", async () => {
  await using stack = new AsyncDisposableStack();
  const mosaic = await aHome(stack);
  assert.match((await mosaic("fleet", "ca", "status")).stderr, /there is no authority of a fleet/);
  await mosaic(...INIT);
  const status = JSON.parse((await mosaic("fleet", "ca", "status", "--json")).stdout);
  assert.deepEqual(Object.keys(status), [
    ...["schema", "complete", "fleet", "phase", "next_step", "waiting_for", "roots", "intermediate_ends_at_unix_ms"],
    ...["members", "alarms"],
  ]);
  assert.deepEqual(Object.keys(status.members[0]), ["identity", "host", "standing", "fingerprint", "ends_at_unix_ms"]);
  const early = await mosaic("fleet", "ca", "rotate", "drop");
  assert.match(early.stderr, /cannot drop: the fleet's authority is steady\nhint: the next step is: mosaic fleet ca rotate add/);
  const dry = JSON.parse((await mosaic("fleet", "ca", "rotate", "add", "--dry-run", "--json")).stdout);
  assert.deepEqual(Object.keys(dry), ["schema", "complete", "dry_run", "step", "phase", "next_step", "files"]);
  assert.equal(JSON.parse((await mosaic("fleet", "ca", "status", "--json")).stdout).phase, "steady", "a dry run changes nothing");
  await mosaic("fleet", "ca", "rotate", "add");
  const refused = await mosaic("fleet", "ca", "rotate", "trust");
  assert.match(refused.stderr, /2 members have not confirmed the next root: aggregator\/.*tenant\/team-a\/user\/ada/);
});

test("the intermediate is replaced with the root, and with no other", async () => {
  await using stack = new AsyncDisposableStack();
  const mosaic = await aHome(stack);
  const { root_file: root } = JSON.parse((await mosaic(...INIT, "--json")).stdout) as { root_file: string };
  assert.match((await mosaic("fleet", "ca", "rotate", "intermediate")).stderr, /--root <its file>/);
  const { home } = await mosaic("--version");
  const wrong = await mosaic("fleet", "ca", "rotate", "intermediate", "--root", join(home, "fleet/ca/intermediate.pem"));
  assert.match(wrong.stderr, /is not one that the fleet trusts/);
  const before = await readFile(join(home, "fleet/ca/intermediate.pem"), "utf8");
  assert.equal((await mosaic("fleet", "ca", "rotate", "intermediate", "--root", root)).exitCode, 0);
  assert.notEqual(await readFile(join(home, "fleet/ca/intermediate.pem"), "utf8"), before);
});

test("commands that need an authority that is not running say so; half a line is refused without being quoted", async () => {
  await using stack = new AsyncDisposableStack();
  const mosaic = await aHome(stack);
  await mosaic(...INIT);
  const invited = await mosaic("host", "invite", "--tenant", "team-a");
  assert.deepEqual([invited.exitCode, /no aggregator answers at unix:/.test(invited.stderr)], [4, true], invited.stderr);
  const line = formatJoinLine({
    ...{ fleet: "acme", addresses: ["127.0.0.1:1"], rootPins: ["ab".repeat(32)], invitationId: "0".repeat(32), secret: "s3cret" },
  });
  const half = await mosaic("host", "join", line.slice(0, 60));
  assert.equal(half.exitCode, 2);
  assert.equal(half.stderr.includes(line.slice(20, 60)), false);
  const nobody = await mosaic("host", "join", line);
  assert.equal(nobody.exitCode, 4, nobody.stderr);
  assert.match((await mosaic("login")).stderr, /no aggregator answers/);
  assert.match((await mosaic("host", "approve", "one", "two")).stderr, /not six words/);
  assert.match((await mosaic("host", "evict", "alpha")).stderr, /not a host or a person/);
});
