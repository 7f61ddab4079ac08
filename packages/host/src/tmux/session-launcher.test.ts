import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError, type SessionLaunch } from "@mosaic/core";
import { collectEnded, needsTmux, never, privateServer, until } from "./private-server-for-tests.ts";

const code = (expected: string) => (error: unknown) => error instanceof MosaicError && error.code === expected;

const idle = (session: string): SessionLaunch => ({ session, argv: ["tail", "-f", "/dev/null"], env: {}, workingDirectory: "/" });

function folder(context: TestContext): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "mosaic-launch-")));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

test("the holder starts the server, once, with the options agents need", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  const server = connect();
  await Promise.all([server.ensureHolder("_holder", never), server.ensureHolder("_holder", never)]);
  await server.ensureHolder("_holder", never);
  assert.equal(await run("list-sessions", "-F", "#{session_name}"), "_holder");
  assert.equal(await run("show-options", "-gv", "history-limit"), "5000");
  assert.equal(await run("show-options", "-gwv", "remain-on-exit"), "on");
  assert.equal(await run("show-options", "-gv", "status"), "off");
  assert.equal(await run("show-options", "-sv", "escape-time"), "0");
  assert.equal(await run("show-options", "-sv", "extended-keys"), "on");
});

test("a session starts without a holder too, and makes one", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  const server = connect({ holderSession: "_keeper" });
  assert.equal(await server.startSession(idle("lead"), never), "started");
  assert.equal(await server.startSession(idle("coder0"), never), "started");
  assert.equal(await run("list-sessions", "-F", "#{session_name}"), "_keeper\ncoder0\nlead");
});

test("a program gets its arguments, variables, folder and size exactly, and no shell", needsTmux, async (context) => {
  const { connect, run } = privateServer(context);
  const workingDirectory = join(folder(context), "a #{pid} #h 'q' é;");
  mkdirSync(workingDirectory);
  const nasty = [
    "a b",
    "$HOME",
    "~",
    "#{pane_id}",
    "#[x]",
    ";",
    "x;",
    "{",
    "}",
    "%if",
    'it\'s "q"',
    "",
    "l1\nl2\r\t",
    "é漢🎉",
    "\\n\\",
    "`id`",
    "-t",
  ];
  const report =
    "const fs=require('fs');fs.writeFileSync('part',JSON.stringify([process.argv.slice(1),process.env,process.cwd(),process.stdout.getWindowSize()]));fs.renameSync('part','report');setInterval(()=>{},1000)";
  const env = { MOSAIC_AGENT_NAME: "lead", PATH: process.env["PATH"] ?? "", NASTY: "a=b;'\"$HOME\n#{pid} é", EMPTY: "" };
  const launch: SessionLaunch = {
    session: "lead",
    argv: [process.execPath, "-e", report, "--", ...nasty],
    env,
    workingDirectory,
    columns: 97,
    rows: 31,
  };
  assert.equal(await connect().startSession(launch, never), "started");
  await until("the program reports", () => existsSync(join(workingDirectory, "report")));
  const [args, seen, cwd, size] = JSON.parse(readFileSync(join(workingDirectory, "report"), "utf8"));
  assert.deepEqual(args, nasty);
  assert.deepEqual(Object.fromEntries(Object.keys(env).map((name) => [name, seen[name]])), env);
  assert.equal(cwd, workingDirectory);
  assert.deepEqual(size, [97, 31]);
  const pane = await run("list-panes", "-t", "=lead:", "-F", "#{pane_pid}");
  assert.equal(readFileSync(`/proc/${pane}/cmdline`, "utf8").split("\0")[0], process.execPath);
});

test("a program without arguments is run directly as well, found through the session's own PATH", needsTmux, async (context) => {
  const { connect } = privateServer(context);
  const server = connect();
  const bin = folder(context);
  // A name that a shell would read as three commands.
  symlinkSync("/bin/cat", join(bin, "my;cat &"));
  await server.startSession({ ...idle("lead"), argv: ["my;cat &"], env: { PATH: `${bin}:/usr/bin:/bin` } }, never);
  await until("it is the pane's own process", async () => {
    const pane = (await server.listPanes(never)).find(({ session }) => session === "lead");
    return pane !== undefined && readFileSync(`/proc/${pane.pid}/cmdline`, "utf8") === "my;cat &\0";
  });
});

test("a second start says that the session exists and leaves it as it is", needsTmux, async (context) => {
  const { connect, run } = privateServer(context);
  const server = connect();
  await server.startSession(idle("lead"), never);
  await run("set-option", "-w", "-t", "=lead:", "remain-on-exit", "off");
  const before = await run("list-panes", "-a", "-F", "#{pane_id} #{pane_pid} #{remain-on-exit}");
  assert.equal(await server.startSession({ ...idle("lead"), argv: ["false"] }, never), "exists");
  assert.equal(await run("list-panes", "-a", "-F", "#{pane_id} #{pane_pid} #{remain-on-exit}"), before);
});

test("of two starts at once one starts and the other finds it", needsTmux, async (context) => {
  const { connect } = privateServer(context);
  const server = connect();
  const outcomes = await Promise.all([server.startSession(idle("lead"), never), server.startSession(idle("lead"), never)]);
  assert.deepEqual(outcomes.sort(), ["exists", "started"]);
});

test("a program that ends soon leaves its last screen and its status", needsTmux, async (context) => {
  const { connect, run } = privateServer(context);
  const server = connect();
  await server.ensureHolder("_holder", never);
  await run("set-option", "-gw", "remain-on-exit", "off");
  // Not at once: tmux before 3.7 sometimes loses the output of a program that ends within milliseconds.
  await server.startSession({ ...idle("lead"), argv: ["sh", "-c", "echo no API key; sleep 0.3; exit 9"] }, never);
  const lead = async () => {
    await collectEnded({ run });
    return (await server.listPanes(never)).find(({ session }) => session === "lead");
  };
  // tmux notices the closed terminal and the ended process one after the other, in either order.
  await until("it is dead with its status", async () => (await lead())?.exitStatus === 9);
  const pane = await lead();
  // tmux scrolls the screen up by one line to say below that the pane is dead.
  const { lines } = await server.capture(pane?.paneId ?? "", { historyLines: 1 }, never);
  assert.ok(lines.includes("no API key"), JSON.stringify(lines));
});

test("a program that is not there leaves a dead pane, not an error", needsTmux, async (context) => {
  const server = privateServer(context).connect();
  assert.equal(await server.startSession({ ...idle("lead"), argv: ["/nowhere/agent", "x"] }, never), "started");
  await until("it is dead", async () => (await server.listPanes(never)).some(({ isDead }) => isDead));
});

test("a working directory that is not there is an error, not the home directory", needsTmux, async (context) => {
  const server = privateServer(context).connect();
  await assert.rejects(server.startSession({ ...idle("lead"), workingDirectory: "/nowhere" }, never), code("MACHINE"));
  assert.deepEqual(await server.listPanes(never), []);
});

test("names that tmux would change or misread are refused", needsTmux, async (context) => {
  const server = privateServer(context).connect();
  for (const session of ["", "a.b", "a:b", "$1", "=x", "#{pid}", "a\nb", " a"]) {
    await assert.rejects(server.startSession(idle(session), never), code("USAGE"), session);
    await assert.rejects(server.ensureHolder(session, never), code("USAGE"), session);
  }
});

test("names with dashes and tildes first are exact names too", needsTmux, async (context) => {
  const { connect, run } = privateServer(context);
  const server = connect();
  for (const session of ["-x", "~x", "@x", "%1", "!", "{last}", "a b"]) {
    assert.equal(await server.startSession(idle(session), never), "started", session);
    assert.equal(await server.startSession(idle(session), never), "exists", session);
    assert.equal(
      await run("list-sessions", "-f", `#{==:#{session_name},${session.replace("}", "#}")}}`, "-F", "#{session_windows}"),
      "1",
      session,
    );
    assert.equal(await server.endSession(session, never), "ended", session);
  }
  assert.equal(await run("list-sessions", "-F", "#{session_name}"), "_holder");
});

test("ending a session ends exactly that one", needsTmux, async (context) => {
  const { connect, run } = privateServer(context);
  const server = connect();
  for (const session of ["lead2", "leader"]) await server.startSession(idle(session), never);
  assert.equal(await server.endSession("lead", never), "absent");
  assert.equal(await server.endSession("lead2", never), "ended");
  assert.equal(await run("list-sessions", "-F", "#{session_name}"), "_holder\nleader");
  const client = await run("list-clients", "-F", "#{client_name}");
  assert.equal(await server.endSession(client, never), "absent");
});

test("ending the last session ends the server, and that is a success", needsTmux, async (context) => {
  const server = privateServer(context).connect();
  await server.ensureHolder("_holder", never);
  assert.equal(await server.endSession("_holder", never), "ended");
  await until("the server is gone", async () => (await server.listPanes(never)).length === 0);
  assert.equal(await server.endSession("_holder", never), "absent");
});

test("ending the server succeeds, also when none runs, and clients of ours do not hang it", needsTmux, async (context) => {
  const server = privateServer(context).connect();
  await server.endServer(never);
  await server.startSession({ ...idle("lead"), argv: ["yes", "x"] }, never);
  const watch = server.watchOutput("lead", () => {});
  const startedMs = performance.now();
  await server.endServer(never);
  assert.ok(performance.now() - startedMs < 5_000);
  assert.deepEqual(await server.listPanes(never), []);
  await watch[Symbol.asyncDispose]();
  assert.equal(await server.startSession(idle("lead"), never), "started");
});
