import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmod, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileArchive, parseEntry, unitIn } from "./own-log-archive.ts";

const never = new AbortController().signal;

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "mosaic-archive-"));
  context.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test("of a file the last lines are read, whole, and of a large one no more than its end", async (context) => {
  const path = join(await folder(context), "node.log");
  await writeFile(path, "one\n\ntwo\nthree\n");
  assert.deepEqual(
    (await fileArchive(path).read(2, never)).map(({ text }) => text),
    ["two", "three"],
  );
  await writeFile(path, `${"x".repeat(1000)}\n`.repeat(4000));
  const lines = await fileArchive(path).read(10_000, never);
  assert.ok(lines.length > 2000 && lines.length < 2100, String(lines.length));
  assert.ok(lines.every(({ text }) => text.length === 1000));
});

test("a file that was moved away has no lines, and is no failure", async (context) => {
  assert.deepEqual(await fileArchive(join(await folder(context), "gone.log")).read(9, never), []);
});

test("an entry of the journal says when it was written, and whether the daemon or systemd said it", () => {
  const entry = {
    MESSAGE: "node is serving",
    __REALTIME_TIMESTAMP: "1795310814514123",
    _SYSTEMD_USER_UNIT: "mosaic-node.service",
  };
  assert.deepEqual(parseEntry(JSON.stringify(entry)), { text: "node is serving", atUnixMs: 1_795_310_814_514, isAbout: false });
  const about = { MESSAGE: [0xc3, 0xa9], USER_UNIT: "mosaic-node.service" };
  assert.deepEqual(parseEntry(JSON.stringify(about)), { text: "é", atUnixMs: 0, isAbout: true });
  assert.equal(parseEntry("torn {"), undefined);
});

test("the unit of a process is told by its control groups, of systemd's own", () => {
  const path = "/user.slice/user-1000.slice/user@1000.service/app.slice/mosaic-node.service";
  assert.equal(unitIn(`0::${path}\n`), "mosaic-node.service");
  assert.equal(unitIn(`4:memory:/user.slice/user@1000.service\n1:name=systemd:${path}\n`), "mosaic-node.service");
  assert.equal(unitIn("0::/user.slice/session-2.scope\n"), undefined);
});

test("a process whose stderr is a file reads its own log back, and one whose stderr is a pipe has none", async (context) => {
  const home = await folder(context);
  const script = join(home, "program.mjs");
  const source = new URL("./own-log-archive.ts", import.meta.url).href;
  await writeFile(
    script,
    `import { ownLogArchive } from ${JSON.stringify(source)};
process.stderr.write("first\\nsecond\\n");
const archive = await ownLogArchive();
const lines = archive ? await archive.read(9, new AbortController().signal) : [{ text: "none" }];
process.stdout.write(lines.map(({ text }) => text).join());
`,
  );
  await chmod(script, 0o600);
  const file = await open(join(home, "own.log"), "a");
  const run = async (stderr: number | "pipe") => {
    const child = spawn(process.execPath, [script], {
      stdio: ["ignore", "pipe", stderr],
      env: { PATH: process.env["PATH"] ?? "" },
    });
    let said = "";
    for await (const chunk of child.stdout ?? []) said += String(chunk);
    return said;
  };
  assert.equal(await run(file.fd), "first,second");
  await file.close();
  assert.equal(await readFile(join(home, "own.log"), "utf8"), "first\nsecond\n");
  assert.equal(await run("pipe"), "none");
});
