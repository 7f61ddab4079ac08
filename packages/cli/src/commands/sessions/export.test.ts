import assert from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { castText, recordingsHome } from "./home-for-tests.ts";

const ID = "20251121T100000500Z-3f9a1c";
const TEXT = castText([0.5, "o", "ä🙂\r\n"], [1.25, "r", "90x20"], [2, "m", "output is missing here"], [3, "i", "q"]);

async function recorded(context: Parameters<typeof recordingsHome>[0]) {
  const home = await recordingsHome(context);
  await home.add(`lead/${ID}`, { text: TEXT });
  return home;
}

test("cast is the recording itself, on standard output or in a file of one's own", async (context) => {
  const home = await recorded(context);
  const printed = home.run(["export", ID]);
  assert.equal(await printed.ended, 0);
  assert.equal(printed.io.stdout.text, TEXT);
  const path = join(home.folder, "out.cast");
  const written = home.run(["export", ID, "--output", path]);
  assert.equal(await written.ended, 0);
  assert.equal(await readFile(path, "utf8"), TEXT);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal(written.io.stdout.text, `${path}: ${Buffer.byteLength(TEXT)} B of cast\n`);
});

test("text is what show prints, jsonl has the fields of mosaic.sessions.event/1", async (context) => {
  const home = await recorded(context);
  const text = home.run(["export", ID, "--format", "text"]);
  assert.equal(await text.ended, 0);
  assert.equal(text.io.stdout.text, "ä🙂\n");
  const lines = home.run(["export", ID, "--format", "jsonl"]);
  assert.equal(await lines.ended, 0);
  const schema = "mosaic.sessions.event/1";
  assert.deepEqual(
    lines.io.stdout.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
    [
      {
        ...{ schema, type: "header", id: ID, agent: "lead", columns: 80, rows: 24 },
        started_unix_ms: 1_763_719_200_000,
        title: "team-a/alpha/lead",
      },
      { schema, at_ms: 500, type: "output", text: "ä🙂\r\n" },
      { schema, at_ms: 1250, type: "resized", columns: 90, rows: 20 },
      { schema, at_ms: 2000, type: "marker", label: "output is missing here" },
      { schema, at_ms: 3000, type: "other", code: "i", data: "q" },
    ],
  );
});

test("a file that is there is replaced only with --force", async (context) => {
  const home = await recorded(context);
  const path = join(home.folder, "out.txt");
  await writeFile(path, "mine");
  const refused = home.run(["export", ID, "-o", path]);
  assert.equal(await refused.ended, 1);
  assert.match(refused.io.stderr.text, /is there already\nhint: .*--force/);
  assert.equal(await readFile(path, "utf8"), "mine");
  assert.equal(await home.run(["export", ID, "-o", path, "--force", "--format", "text"]).ended, 0);
  assert.equal(await readFile(path, "utf8"), "ä🙂\n");
});

test("what could not be written whole is not left behind", async (context) => {
  const home = await recorded(context);
  await home.add("lead/20251122T100000500Z-bbbbbb", { text: "no recording" });
  const path = join(home.folder, "out.txt");
  for (const more of [[], ["--force"]]) {
    const { ended } = home.run(["export", "20251122", "-o", path, "--format", "text", ...more]);
    assert.equal(await ended, 2);
  }
  assert.deepEqual(await readdir(home.folder), ["fleet"]);
  const { io, ended } = home.run(["export", ID, "-o", join(home.folder, "no/such/folder")]);
  assert.equal(await ended, 1);
  assert.match(io.stderr.text, /cannot write/);
});

test("the fields of mosaic.sessions.export/1, which has no room beside the recording itself", async (context) => {
  const home = await recorded(context);
  const path = join(home.folder, "out.cast");
  const { io, ended } = home.run(["export", ID, "-o", path, "--json"]);
  assert.equal(await ended, 0);
  assert.deepEqual(JSON.parse(io.stdout.text), {
    schema: "mosaic.sessions.export/1",
    complete: true,
    id: ID,
    agent: "lead",
    format: "cast",
    path,
    bytes: Buffer.byteLength(TEXT),
  });
  assert.equal(await home.run(["export", ID, "--json"]).ended, 2);
});
