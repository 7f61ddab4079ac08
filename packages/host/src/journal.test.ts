import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { journalLines } from "./journal.ts";

/** A journalctl that is a script of ours. */
async function journalctl(context: TestContext, script: string) {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-journal-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "journalctl"), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, "journalctl"), 0o755);
  const stop = new AbortController();
  const env = { PATH: `${folder}:/usr/bin:/bin` };
  return { stop, question: { units: ["a.service", "b.service"], lines: 7, isFollowing: false, env, signal: stop.signal } };
}

async function allOf(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

test("the journal is asked for units of this user, and every entry is a line", async (context) => {
  const { question } = await journalctl(context, 'for each; do echo "$each"; done');
  const said = await allOf(journalLines(question));
  assert.deepEqual(said, [
    ...["--user", "--output=json", "--no-pager", "--quiet", "--lines=7"],
    ...["--unit=a.service", "--unit=b.service"],
  ]);
});

test("following ends with the signal, and leaves no program behind", async (context) => {
  const { question, stop } = await journalctl(context, 'echo "$$"; exec sleep 1000');
  let pid = 0;
  for await (const line of journalLines({ ...question, isFollowing: true })) {
    pid = Number(line);
    stop.abort();
  }
  assert.throws(() => process.kill(pid, 0), /ESRCH/);
});

test("a journal that can't be read is an error with its words; so is none at all", async (context) => {
  const { question } = await journalctl(context, "echo no permission >&2; exit 1");
  const failure = async (env: Record<string, string>) =>
    await allOf(journalLines({ ...question, env })).then(
      () => "none",
      (thrown) => MosaicError.from(thrown).message,
    );
  assert.match(await failure(question.env), /^cannot read the journal: no permission$/);
  assert.match(await failure({ PATH: "/nowhere" }), /^cannot start "journalctl": not found$/);
});
