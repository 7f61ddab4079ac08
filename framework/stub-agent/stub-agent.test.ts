import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { SCRIPT, type StubTerminal, startStub, waitFor } from "./test-terminal.ts";

const heartbeat = (terminal: StubTerminal): Promise<string> =>
  readFile(join(terminal.home, "fleet", "run", "coder0.hb"), "utf8").catch(() => "");

test("the stub shows who it is and that it is ready, and its heartbeat file is whole", async () => {
  await using stub = await startStub(["--interval=0.5"]);
  const screen = await stub.until(/^ready/m);
  assert.match(screen, /^stub agent coder0 · team-a\/alpha · pid \d+\n\n>\nready$/);
  const first = await waitFor(
    () => heartbeat(stub),
    (text) => text !== "",
    "a heartbeat",
  );
  assert.match(first, /^ts=\d{4}-\d\d-\d\dT[\d:.]+\+00:00\npid=\d+\nstatus=ok\ninterval=0\.5\nwriter=runtime\n$/);
  assert.equal(Number(/pid=(\d+)/.exec(first)?.[1]), await stub.pid());
  await waitFor(
    () => heartbeat(stub),
    (text) => text !== first,
    "the next heartbeat",
  );
});

test("a pasted message is answered with its size and hash, and busy beats go with it", async () => {
  await using stub = await startStub(["--slow=1000"]);
  await stub.until(/^ready/m);
  await stub.send("please look at this");
  await stub.until(/^working …/m);
  await waitFor(
    () => heartbeat(stub),
    (text) => text.includes("status=busy"),
    "a busy heartbeat",
  );
  const hash = createHash("sha256").update("please look at this").digest("hex").slice(0, 12);
  await stub.until(new RegExp(`^> please look at this\nyou said: please look at this \\(19 bytes, sha256 ${hash}\\)$`, "m"));
  await stub.until(/^>\nready$/m);
  await waitFor(
    () => heartbeat(stub),
    (text) => text.includes("status=ok"),
    "an idle heartbeat",
  );
});

test("drafts are edited: typing, Backspace over a character of any size, Ctrl-U, Ctrl-C", async () => {
  await using stub = await startStub();
  await stub.until(/^ready/m);
  await stub.type("naïve 🎉x");
  await stub.keys("BSpace", "BSpace");
  await stub.until(/^> naïve$/m);
  await stub.keys("C-u");
  await stub.until(/^>$/m);
  await stub.paste("one\ntwo");
  await stub.until(/^> one↵two$/m);
  await stub.paste("long ".repeat(300));
  await stub.until(/^> one↵two\[pasted 1500 bytes\]$/m);
  await stub.keys("BSpace");
  await stub.until(/^> one↵two$/m);
  await stub.keys("C-c");
  await stub.until(/^>$/m);
  await stub.keys("Enter");
  await stub.keys("C-c");
  assert.equal(await stub.exitStatus(), 0);
});

test("on the normal screen every line scrolls into the history once; the composer never does", async () => {
  await using stub = await startStub(["--slow=0"]);
  await stub.until(/^ready/m);
  for (let index = 1; index <= 15; index++) {
    await stub.send(`message ${index}!`);
    await stub.until(new RegExp(`you said: message ${index}! `));
  }
  await stub.until(/^>\nready$/m);
  const lines = (await stub.capture(true)).split("\n");
  const expected = Array.from({ length: 15 }, (_, index) => [
    `> message ${index + 1}!`,
    `you said: message ${index + 1}!`,
  ]).flat();
  assert.deepEqual(
    lines.slice(1, -3).map((line) => line.replace(/ \(.*/, "")),
    expected,
  );
  assert.equal(await stub.fact("#{alternate_on}"), "0");
});

test("an answer longer than the screen scrolls through whole, and takes no composer along", async () => {
  await using stub = await startStub(["--slow=0"]);
  await stub.until(/^ready/m);
  const words = Array.from({ length: 50 }, (_, index) => `stub:x${index}`);
  await stub.send(words.join("\n"));
  await stub.until(/"x49"\n\n>\nready$/);
  const lines = (await stub.capture(true)).split("\n");
  const told = lines.filter((line) => line.startsWith("no behaviour"));
  assert.deepEqual(
    told,
    words.map((word) => `no behaviour is called "${word.slice(5)}"`),
  );
  assert.equal(lines.filter((line) => /^(>$|working|ready)/.test(line)).length, 2);
});

test("on the alternate screen the title stays, the composer is at the bottom, and leaving gives the old screen back", async () => {
  await using stub = await startStub(["--alternate-screen", "--slow=0"]);
  await stub.until(/^ready/m);
  assert.equal(await stub.fact("#{alternate_on}"), "1");
  for (const text of ["first", "x".repeat(100), "last"]) {
    await stub.send(text);
    await stub.until(new RegExp(`you said: ${text.slice(0, 60)}`));
  }
  const lines = (await stub.until(/^>\nready$/m)).split("\n");
  assert.equal(lines.length, 20);
  assert.match(lines[0] ?? "", /^stub agent coder0/);
  await stub.keys("C-c");
  assert.equal(await stub.exitStatus(), 0);
  assert.equal(await stub.fact("#{alternate_on}"), "0");
  assert.doesNotMatch(await stub.capture(), /you said/);
});

test("a line as wide as the window is whole, and a resize draws everything anew", async () => {
  await using stub = await startStub(["--alternate-screen", "--slow=0"], { columns: 40 });
  await stub.until(/^ready/m);
  await stub.send("0123456789".repeat(6));
  await stub.until(/you said/);
  const unwrapped = (screen: string): string => screen.replaceAll("\n", "");
  assert.match(unwrapped(await stub.until(/^>\nready$/m)), /you said: (0123456789){6} \(60 bytes, sha256 [0-9a-f]{12}\)/);
  await stub.resize(70, 12);
  const wide = await stub.until(/^you said: (0123456789){6}$/m);
  assert.equal(wide.split("\n").length, 12);
  await stub.resize(30, 5);
  await waitFor(
    () => stub.capture(),
    (screen) => screen.split("\n").length === 5 && screen.endsWith("\n>\nready"),
    "a small screen",
  );
  await stub.resize(1, 1);
  await stub.resize(100, 20);
  await stub.until(/^stub agent coder0 · team-a\/alpha[\s\S]*^ready$/m);
});

test("a missing home or a broken folder is shown, and the agent works on", async () => {
  for (const [home, problem] of [
    ["/nonexistent/mosaic", "ENOENT"],
    [SCRIPT, "ENOTDIR"],
  ] as const) {
    await using stub = await startStub(["--slow=0"], { home });
    await stub.until(new RegExp(`^ready · heartbeat file: ${problem}`, "m"));
    await stub.send("still there?");
    await stub.until(/you said: still there\?/);
  }
});

test("a signal ends the stub with the terminal given back", async () => {
  await using stub = await startStub(["--alternate-screen"]);
  await stub.until(/^ready/m);
  process.kill(await stub.pid(), "SIGTERM");
  assert.equal(await stub.exitStatus(), 143);
  assert.equal(await stub.fact("#{alternate_on}"), "0");
});

test("help is complete, and without a terminal or with a wrong word the stub says so and ends with status 2", async () => {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [SCRIPT, "--help"]);
  for (const word of ["--alternate-screen", "--slow", "--interval", "--behave", "stub:fail", "wedged", "MOSAIC_NODE_SOCKET"])
    assert.ok(stdout.includes(word), word);
  const cases = [
    [[], "needs a terminal"],
    [["--behave=wegded"], '"wegded"'],
    [["--slow=x"], "--slow"],
    [["--interval=0"], "--interval"],
    [["--nope"], "--nope"],
  ] as const;
  for (const [args, said] of cases) {
    await assert.rejects(
      run(process.execPath, [SCRIPT, ...args]),
      (error: { code?: number; stderr?: string }) => error.code === 2 && (error.stderr ?? "").includes(said),
    );
  }
});
