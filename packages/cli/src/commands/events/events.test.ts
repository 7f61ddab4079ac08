import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";
import type { EventsAnswer } from "./events.ts";

async function home(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-events-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function mosaic(folder: string, ...argv: string[]) {
  const io = memoryIo();
  const exitCode = await runCli([...argv, "--mosaic-home", folder], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

test("an event of one's own is on record, and is listed with what else happened", async (context) => {
  const folder = await home(context);
  const done = await mosaic(folder, "system", "event", "deploy.done", "--data", '{"version":"1.2.3","ok":true}');
  assert.deepEqual([done.exitCode, done.stdout], [0, "event.deploy.done is on record.\n"]);
  await mosaic(folder, "system", "event", "tick");
  const { stdout } = await mosaic(folder, "events");
  assert.match(
    stdout,
    /^\S+Z {2}event\.deploy\.done {2}desk:operator {2}version=1\.2\.3 ok=true\n\S+ {2}event\.tick {2}desk:operator\n$/,
  );
  assert.match((await mosaic(folder, "events", "--tail", "1")).stdout, /^\S+ {2}event\.tick/);
  assert.match((await mosaic(folder, "events", "--action", "event.deploy")).stdout, /^\S+ {2}event\.deploy\.done[^\n]*\n$/);
  const answer = JSON.parse((await mosaic(folder, "events", "--json")).stdout) as EventsAnswer;
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "path", "gaps", "hosts", "unreadable_count", "items"]);
  assert.deepEqual(answer.items[0]?.facts, { version: "1.2.3", ok: true });
});

test("what is no name or no flat object is refused, and not on record", async (context) => {
  const folder = await home(context);
  for (const argv of [["Deploy Done"], ["a", "--data", "{"], ["a", "--data", "[1]"], ["a", "--data", '{"x":{"y":1}}']]) {
    assert.equal((await mosaic(folder, "system", "event", ...argv)).exitCode, 2, argv.join(" "));
  }
  const { exitCode, stdout, stderr } = await mosaic(folder, "events");
  assert.deepEqual([exitCode, stdout], [0, ""]);
  assert.match(stderr, /^nothing of that is on record in /);
});

test("following tells each event once, as it comes", async (context) => {
  const folder = await home(context);
  await mosaic(folder, "system", "event", "first");
  const io = memoryIo();
  const running = runCli(["events", "--follow", "--mosaic-home", folder], io);
  await io.stdout.shows(/event\.first/);
  await mosaic(folder, "system", "event", "second");
  await io.stdout.shows(/event\.second/);
  io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  await running;
  assert.equal(io.stdout.text.match(/event\.first/g)?.length, 1);
});
