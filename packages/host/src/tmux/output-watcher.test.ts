import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { needsTmux, never, privateServer, until } from "./private-server-for-tests.ts";

const idle = ["tail", "-f", "/dev/null"] as const;

async function fleet(context: TestContext, ...command: readonly string[]) {
  const fixture = privateServer(context);
  await fixture.run("new-session", "-d", "-s", "_holder", "--", ...idle, ";", "set-option", "-gw", "remain-on-exit", "on");
  await fixture.run("new-session", "-d", "-s", "lead", "-x", "100", "-y", "30", "--", ...command);
  const server = fixture.connect();
  await server.listPanes(never);
  const watch = (session: string) => {
    const events: string[] = [];
    const handle = server.watchOutput(session, (event) => void events.push(event));
    return { events, handle };
  };
  const clients = async () =>
    (await fixture.run("list-clients", "-F", "#{client_flags}")).split("\n").filter((line) => line !== "");
  const size = () => fixture.run("display-message", "-p", "-t", "=lead:", "#{window_width}x#{window_height}");
  // Through the connection: from 3.7 on tmux refuses send-keys of a client without a session while a session's only client
  // is a read-only one.
  const pressEnter = async () => {
    const pane = (await server.listPanes(never)).find(({ session }) => session === "lead");
    await server.pressKey(pane?.paneId ?? "", "Enter", never);
  };
  return { ...fixture, server, watch, clients, size, pressEnter };
}

test("output of the watched session is told, and that of others is not", needsTmux, async (context) => {
  const { run, watch, pressEnter } = await fleet(context, "cat");
  await run("new-session", "-d", "-s", "other", "--", "cat");
  const lead = watch("lead");
  const other = watch("other");
  await until("both are attached", () => lead.events.length > 0 && other.events.length > 0);
  const before = [lead.events.length, other.events.length];
  await pressEnter();
  await until("the output is told", () => lead.events.length > (before[0] ?? 0));
  assert.equal(other.events.length, before[1]);
});

test("a session that ends is told once, also one that never was", needsTmux, async (context) => {
  const { run, watch, server } = await fleet(context, "cat");
  const lead = watch("lead");
  const nobody = watch("lea");
  await until("the absent one has ended", () => nobody.events.includes("ended"));
  await until("the other is attached", () => lead.events.length > 0);
  await run("kill-session", "-t", "=lead:");
  await until("its end is told", () => lead.events.includes("ended"));
  await server.endServer(never);
  assert.deepEqual(nobody.events, ["ended"]);
  assert.equal(lead.events.filter((event) => event === "ended").length, 1);
});

test("the server's end is the end of what was watched", needsTmux, async (context) => {
  const { run, watch } = await fleet(context, "cat");
  const lead = watch("lead");
  await until("it is attached", () => lead.events.length > 0);
  await run("kill-server");
  await until("the end is told", () => lead.events.includes("ended"));
});

test("a session that tmux would swap for another one at its end is still told as ended", needsTmux, async (context) => {
  const { run, watch, clients } = await fleet(context, "cat");
  await run("set-option", "-g", "detach-on-destroy", "off");
  const lead = watch("lead");
  await until("it is attached", () => lead.events.length > 0);
  await run("kill-session", "-t", "=lead:");
  await until("the end is told", () => lead.events.includes("ended"));
  await until("no watcher is left", async () => (await clients()).length === 1);
});

test("a watcher that somebody detaches comes back", needsTmux, async (context) => {
  const { run, watch, clients, pressEnter } = await fleet(context, "cat");
  const lead = watch("lead");
  await until("it is attached", () => lead.events.length > 0);
  await run("detach-client", "-s", "=lead:");
  await until("it is back", async () => (await clients()).some((flags) => flags.includes("read-only")));
  const before = lead.events.length;
  await pressEnter();
  await until("the output is told", () => lead.events.length > before);
  assert.equal(lead.events.includes("ended"), false);
});

test(
  "watchers are read-only, and neither they nor the command client ever change a window's size",
  needsTmux,
  async (context) => {
    const { run, watch, clients, size, pressEnter } = await fleet(context, "cat");
    assert.equal(await size(), "100x30");
    const first = watch("lead");
    const second = watch("lead");
    await until("both are attached", async () => (await clients()).filter((flags) => flags.includes("read-only")).length === 2);
    assert.equal(await size(), "100x30");
    await run("resize-window", "-t", "=lead:", "-x", "90", "-y", "20");
    await run("set-option", "-w", "-t", "=lead:", "window-size", "latest");
    await pressEnter();
    assert.equal(await size(), "90x20");
    await first.handle[Symbol.asyncDispose]();
    await second.handle[Symbol.asyncDispose]();
    assert.equal(await size(), "90x20");
  },
);

test("a person's terminal decides the size beside watchers, and keeps it when they go", needsTmux, async (context) => {
  const { watch, clients, size, socketName } = await fleet(context, "cat");
  const first = watch("lead");
  await until("it is attached", () => first.events.length > 0);
  // A second server's pane is the person's terminal.
  const outer = privateServer(context);
  const program = process.env["MOSAIC_TEST_TMUX"] ?? "tmux";
  const attach = ["env", "-u", "TMUX", "TERM=screen", program, "-L", socketName, "attach-session", "-t", "=lead:"];
  await outer.run("new-session", "-d", "-s", "person", "-x", "70", "-y", "21", "--", ...attach);
  await until("the person's size holds", async () => /^70x2[01]$/.test(await size()));
  const person = await size();
  const second = watch("lead");
  await until("it is attached", () => second.events.length > 0);
  assert.equal(await size(), person);
  await outer.run("resize-window", "-t", "=person:", "-x", "60", "-y", "18");
  await until("the new size holds", async () => (await size()).startsWith("60x"));
  await first.handle[Symbol.asyncDispose]();
  await second.handle[Symbol.asyncDispose]();
  await until("only the person and the command client are left", async () => (await clients()).length === 2);
  assert.ok((await size()).startsWith("60x"));
});

test("a size change is told as output", needsTmux, async (context) => {
  const { run, watch } = await fleet(context, ...idle);
  const lead = watch("lead");
  await until("it is attached", () => lead.events.length > 0);
  const before = lead.events.length;
  await run("resize-window", "-t", "=lead:", "-x", "90", "-y", "20");
  await until("it is told", () => lead.events.length > before);
});

test("a flood is told at most once per 10 ms, and a program is never slowed down by its watcher", needsTmux, async (context) => {
  const { run, watch, pressEnter } = await fleet(context, "sh", "-c", "read x; seq 1 300000; echo finished; cat");
  const lead = watch("lead");
  await until("it is attached", () => lead.events.length > 0);
  const startedMs = performance.now();
  await pressEnter();
  await until("it is through", async () => (await run("capture-pane", "-p", "-t", "=lead:")).includes("finished"));
  assert.ok(lead.events.length <= (performance.now() - startedMs) / 10 + 3, `${lead.events.length} events`);
});

test("a disposed watcher is gone and tells nothing more", needsTmux, async (context) => {
  const { watch, clients, server, pressEnter } = await fleet(context, "cat");
  const lead = watch("lead");
  const early = watch("lead");
  await early.handle[Symbol.asyncDispose]();
  await until("it is attached", () => lead.events.length > 0);
  await lead.handle[Symbol.asyncDispose]();
  const before = lead.events.length;
  await pressEnter();
  await server.endSession("lead", never);
  assert.equal((await clients()).length, 1);
  assert.equal(lead.events.length, before);
  assert.deepEqual(early.events, []);
});

test(
  "a process that watches and stands still costs tmux no memory after 5 s, and goes on watching",
  needsTmux,
  async (context) => {
    const steps = "read x; seq 1 100000; read x; seq 1 10; read x; seq 1 4000000; echo finished; cat";
    const { run, socketName, pressEnter } = await fleet(context, "sh", "-c", steps);
    const serverPid = await run("display-message", "-p", "#{pid}");
    const memoryMb = async () => Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${serverPid}/status`, "utf8"))?.[1]) / 1024;
    const shows = async (text: string) => (await run("capture-pane", "-p", "-t", "=lead:")).includes(text);
    await using watcher = watchingProcess(socketName);
    await until("it watches", () => watcher.heard() > 0);
    watcher.process.kill("SIGSTOP");
    await pressEnter();
    await until("its pipe is full", () => shows("100000"));
    const stoppedMs = performance.now();
    await until("it is too far behind", () => performance.now() - stoppedMs > 6000);
    await pressEnter();
    const before = await memoryMb();
    await pressEnter();
    await until("30 MB were printed", () => shows("finished"));
    const grown = (await memoryMb()) - before;
    assert.ok(grown < 10, `${grown.toFixed(1)} MB more`);
    watcher.process.kill("SIGCONT");
    const heard = watcher.heard();
    await until("it is told of what it missed", () => watcher.heard() > heard);
    const then = watcher.heard();
    await until("it hears again", async () => {
      await pressEnter();
      return watcher.heard() > then + 2;
    });
  },
);

/** The code under test in a process of its own, which can be made to stand still. */
function watchingProcess(socketName: string) {
  const script = `
    const { connectTmux } = await import(${JSON.stringify(import.meta.resolve("./connect-tmux.ts"))});
    const { systemClock } = await import(${JSON.stringify(import.meta.resolve("../system-clock.ts"))});
    const { silentLog } = await import("@mosaic/core");
    const tmuxProgram = process.env["MOSAIC_TEST_TMUX"] ?? "tmux";
    const server = connectTmux({ socketName: ${JSON.stringify(socketName)}, tmuxProgram, clock: systemClock, log: silentLog });
    server.watchOutput("lead", (event) => process.stdout.write(event === "output" ? "." : "!"));
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let heard = 0;
  child.stdout.on("data", (text: Buffer) => {
    heard += text.length;
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    process: child,
    heard: () => heard,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
