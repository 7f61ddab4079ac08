import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { MosaicError, type PaneFacts, silentLog, type TerminalServer } from "@mosaic/core";
import { procfsTable } from "../procfs.ts";
import { systemClock } from "../system-clock.ts";
import { connectTmux } from "./connect-tmux.ts";
import { collectEnded, needsTmux, never, privateServer, until } from "./private-server-for-tests.ts";

const idle = ["tail", "-f", "/dev/null"] as const;
const children = () => procfsTable().childrenOf(process.pid).length;

async function panesOf(server: TerminalServer, session: string): Promise<PaneFacts[]> {
  return (await server.listPanes(never)).filter((pane) => pane.session === session);
}

test("without a server the list is empty, and none is started by asking", needsTmux, async (context) => {
  const { connect, socketPath } = privateServer(context);
  const server = connect();
  assert.deepEqual(await server.listPanes(never), []);
  assert.equal(existsSync(socketPath), false);
});

test("the name of the user's own server is refused, and so are paths", () => {
  for (const socketName of ["default", "", "..", "a/b", "a b"]) {
    const connect = () => connectTmux({ socketName, clock: systemClock, log: silentLog });
    assert.throws(connect, (error: unknown) => error instanceof MosaicError && error.code === "USAGE", socketName);
  }
});

test("panes of all sessions are listed, the holder's too, with what runs in them", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  await run("new-session", "-d", "-s", "_holder", "-x", "80", "-y", "24", "--", ...idle);
  await run("new-session", "-d", "-s", "lead", "-x", "100", "-y", "30", "--", ...idle);
  const server = connect();
  const panes = await server.listPanes(never);
  assert.deepEqual(panes.map((pane) => pane.session).sort(), ["_holder", "lead"]);
  // Until the forked process has become the program it still bears tmux's own name.
  await until("the program runs", async () => (await panesOf(server, "lead"))[0]?.command === "tail");
  const [lead] = await panesOf(server, "lead");
  assert.deepEqual(
    [lead?.columns, lead?.rows, lead?.isDead, lead?.exitStatus, lead?.command],
    [100, 30, false, undefined, "tail"],
  );
  assert.equal(procfsTable().read(lead?.pid ?? 0)?.command, "tail");
  assert.ok(Math.abs((lead?.lastActivityUnixMs ?? 0) - Date.now()) < 60_000);
});

test("a program that ended is listed as dead with its status, also when a signal ended it", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  await run("new-session", "-d", "-s", "_holder", "--", ...idle, ";", "set-option", "-gw", "remain-on-exit", "on");
  await run("new-session", "-d", "-s", "exits", "--", "sh", "-c", "sleep 0.3; exit 3");
  await run("new-session", "-d", "-s", "killed", "--", "sh", "-c", "sleep 0.3; kill -9 $$");
  const server = connect();
  const known = async () => {
    await collectEnded({ run });
    return (await server.listPanes(never)).filter(({ exitStatus }) => exitStatus !== undefined);
  };
  await until("both are dead and their status is known", async () => (await known()).length === 2);
  const [exits] = await panesOf(server, "exits");
  const [killed] = await panesOf(server, "killed");
  assert.deepEqual([exits?.pid, exits?.exitStatus, killed?.exitStatus], [0, 3, 137]);
});

test("a fleet without its holder is still seen", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  await run("new-session", "-d", "-s", "lead", "--", ...idle);
  assert.equal((await connect().listPanes(never)).length, 1);
});

test("fifty agents cost as many child processes as one", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  await run("new-session", "-d", "-s", "_holder", "--", ...idle);
  const before = children();
  const server = connect();
  await server.listPanes(never);
  const withOne = children() - before;
  const many = Array.from({ length: 49 }, (_, index) => ["new-session", "-d", "-s", `agent${index}`, "--", ...idle, ";"]).flat();
  await run(...many);
  const panes = await server.listPanes(never);
  assert.equal(panes.length, 50);
  const captures = Promise.all(panes.map((pane) => server.capture(pane.paneId, {}, never)));
  assert.equal(children() - before, withOne);
  await captures;
  assert.equal(children() - before, withOne);
  assert.equal(withOne, 1);
});

test("a server that is killed is an empty list, and the next one is found", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  await run("new-session", "-d", "-s", "_holder", "--", ...idle);
  const server = connect();
  await server.listPanes(never);
  process.kill(Number(await run("display-message", "-p", "#{pid}")), "SIGKILL");
  await until("the list is empty", async () => (await server.listPanes(never)).length === 0);
  await run("new-session", "-d", "-s", "_holder", "--", ...idle);
  assert.equal((await server.listPanes(never)).length, 1);
});

test("a server that hangs is an error after 5 s and found again when it wakes", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  await run("new-session", "-d", "-s", "_holder", "--", ...idle);
  const server = connect();
  await server.listPanes(never);
  const pid = Number(await run("display-message", "-p", "#{pid}"));
  process.kill(pid, "SIGSTOP");
  const machine = (error: unknown) =>
    error instanceof MosaicError && error.code === "MACHINE" && /within 5000 ms/.test(error.message);
  const both = Promise.allSettled([
    assert.rejects(server.listPanes(never), machine),
    assert.rejects(connect().listPanes(never), machine),
    assert.rejects(
      server.listPanes(AbortSignal.timeout(100)),
      (error: unknown) => error instanceof MosaicError && error.code === "CANCELLED",
    ),
  ]);
  const outcomes = await both;
  process.kill(pid, "SIGCONT");
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ["fulfilled", "fulfilled", "fulfilled"],
  );
  await until("it is found again", () =>
    server.listPanes(never).then(
      (panes) => panes.length === 1,
      () => false,
    ),
  );
});

test("disposal ends our clients and leaves the server alone", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  await run("new-session", "-d", "-s", "_holder", "--", ...idle);
  const before = children();
  const server = connect();
  await server.listPanes(never);
  const ended: string[] = [];
  server.watchOutput("_holder", (event) => void ended.push(event));
  await until("both clients are attached", async () => (await run("list-clients")).split("\n").length === 2);
  let changes = 0;
  server.onChange(() => {
    changes += 1;
  });
  await server[Symbol.asyncDispose]();
  assert.equal(changes, 0);
  assert.equal(children(), before);
  assert.equal(ended.includes("ended"), false);
  assert.equal(await run("list-clients"), "");
  assert.equal(await run("list-sessions", "-F", "#{session_name}"), "_holder");
  await assert.rejects(server.listPanes(never), (error: unknown) => error instanceof MosaicError && error.code === "CANCELLED");
});

test("a connection that is disposed while it connects leaves nothing behind", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  await run("new-session", "-d", "-s", "_holder", "--", ...idle);
  const before = children();
  for (let round = 0; round < 5; round += 1) {
    const server = connect();
    const listing = server.listPanes(never).catch((error: unknown) => MosaicError.from(error).code);
    // At another moment of the connecting each time.
    await new Promise((resolve) => setTimeout(resolve, round));
    await server[Symbol.asyncDispose]();
    await listing;
  }
  assert.equal(children(), before);
  assert.equal(await run("list-clients"), "");
});
