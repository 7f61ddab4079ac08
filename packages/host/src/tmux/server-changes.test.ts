import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { needsTmux, never, type PrivateServer, privateServer, until } from "./private-server-for-tests.ts";

const idle = ["tail", "-f", "/dev/null"] as const;

/** A server with a holder, a connection to it, and a count of its change notices. */
async function watched(context: TestContext, { run, connect }: PrivateServer) {
  await run("new-session", "-d", "-s", "_holder", "--", ...idle, ";", "set-option", "-gw", "remain-on-exit", "on");
  const server = connect();
  const calledAtMs: number[] = [];
  const change = server.onChange(() => void calledAtMs.push(performance.now()));
  context.after(() => change[Symbol.dispose]());
  await server.listPanes(never);
  // The first look of the subscription is told as well; after it there is silence.
  await until("the subscription has looked once", () => calledAtMs.some((atMs) => atMs - (calledAtMs[0] ?? 0) > 500));
  /** Does something and waits until a change is told after which `isSeen` holds. */
  const afterChange = async (what: string, act: () => unknown, isSeen: () => Promise<boolean>) => {
    const before = calledAtMs.length;
    await act();
    await until(`${what} is told`, async () => calledAtMs.length > before && (await isSeen()));
  };
  const pane = async (session: string) => (await server.listPanes(never)).find((candidate) => candidate.session === session);
  /** Waits until all that has changed was told: the subscription looks once per second. */
  const calm = () => until("nothing was told for 1.5 s", () => performance.now() - (calledAtMs.at(-1) ?? 0) > 1_500);
  return { server, calledAtMs, change, afterChange, pane, calm };
}

test("sessions that come, are renamed and go are told", needsTmux, async (context) => {
  const fixture = privateServer(context);
  const { afterChange, pane } = await watched(context, fixture);
  const start = () => fixture.run("new-session", "-d", "-s", "lead", "--", ...idle);
  await afterChange("the new session", start, async () => (await pane("lead")) !== undefined);
  const rename = () => fixture.run("rename-session", "-t", "=lead:", "boss");
  await afterChange("the new name", rename, async () => (await pane("boss")) !== undefined);
  const kill = () => fixture.run("kill-session", "-t", "=boss:");
  await afterChange("the end", kill, async () => (await pane("boss")) === undefined);
});

test(
  "a pane that dies, starts another command or changes its size is told, with no process of ours",
  needsTmux,
  async (context) => {
    const fixture = privateServer(context);
    const { afterChange, pane, calm } = await watched(context, fixture);
    await fixture.run("new-session", "-d", "-s", "lead", "-x", "100", "-y", "30", "--", "sh", "-c", "read x; exec cat");
    const press = () => fixture.run("send-keys", "-t", "=lead:", "Enter");
    await afterChange("the command", press, async () => (await pane("lead"))?.command === "cat");
    const resize = () => fixture.run("resize-window", "-t", "=lead:", "-x", "90", "-y", "20");
    await afterChange("the size", resize, async () => (await pane("lead"))?.columns === 90);
    await fixture.run("new-session", "-d", "-s", "coder", "--", ...idle);
    await until("the program runs", async () => (await pane("coder"))?.command === "tail");
    // One that shows the same command and size when dead, long enough after the start to be no part of that change.
    await calm();
    const coder = await pane("coder");
    const kill = () => process.kill(coder?.pid ?? 0, "SIGKILL");
    await afterChange("the death", kill, async () => (await pane("coder"))?.isDead === true);
  },
);

test("a death is told at once and not with tmux's look of once per second", needsTmux, async (context) => {
  const fixture = privateServer(context);
  const { calledAtMs, calm, pane } = await watched(context, fixture);
  const names = ["lead", "coder", "tester"];
  for (const name of names) await fixture.run("new-session", "-d", "-s", name, "--", ...idle);
  const tookMs: number[] = [];
  for (const name of names) {
    // Half a second before the next look.
    await calm();
    const pid = (await pane(name))?.pid;
    const before = calledAtMs.length;
    const killedMs = performance.now();
    process.kill(pid ?? 0, "SIGKILL");
    await until("the death is told", () => calledAtMs.length > before);
    tookMs.push((calledAtMs[before] ?? 0) - killedMs);
    assert.equal((await pane(name))?.isDead, true);
  }
  assert.ok(Math.min(...tookMs) < 250, `told after ${tookMs} ms`);
});

test("the server's end and a new server are told", needsTmux, async (context) => {
  const fixture = privateServer(context);
  const { afterChange, server } = await watched(context, fixture);
  const count = async () => (await server.listPanes(never)).length;
  await afterChange(
    "the end",
    () => fixture.run("kill-server"),
    async () => (await count()) === 0,
  );
  const start = () => fixture.run("new-session", "-d", "-s", "_holder", "--", ...idle);
  await afterChange("the new server", start, async () => (await count()) === 1);
});

test("output alone is no change", needsTmux, async (context) => {
  const fixture = privateServer(context);
  const { calledAtMs, afterChange, pane } = await watched(context, fixture);
  const start = () =>
    fixture.run("new-session", "-d", "-s", "lead", "--", "sh", "-c", "read x; while :; do echo noise; sleep 0.02; done");
  await afterChange("the session", start, async () => (await pane("lead")) !== undefined);
  const second = () => fixture.run("new-session", "-d", "-s", "other", "--", ...idle);
  await afterChange("another session", second, async () => (await pane("other")) !== undefined);
  await fixture.run("send-keys", "-t", "=lead:", "Enter");
  // The shell runs `sleep` again and again, which is a command that changes; more than once per second it is not looked at.
  const before = calledAtMs.length;
  const startedMs = performance.now();
  await until("three seconds of noise are over", () => performance.now() - startedMs > 3_000);
  const [calls, seconds] = [calledAtMs.length - before, (performance.now() - startedMs) / 1000];
  assert.ok(calls <= seconds + 1, `${calls} calls in ${seconds} s`);
});

test("a storm of changes calls at most once per 10 ms, and never after disposal", needsTmux, async (context) => {
  const fixture = privateServer(context);
  const { calledAtMs, afterChange, pane, change } = await watched(context, fixture);
  const storm = Array.from({ length: 40 }, (_, index) => [
    "rename-session",
    "-t",
    `=lead${index}:`,
    `lead${index + 1}`,
    ";",
  ]).flat();
  await fixture.run("new-session", "-d", "-s", "lead0", "--", ...idle);
  const before = calledAtMs.length;
  await afterChange(
    "the last name",
    () => fixture.run(...storm),
    async () => (await pane("lead40")) !== undefined,
  );
  const gaps = calledAtMs.slice(before).map((atMs, index, all) => atMs - (all[index - 1] ?? 0));
  assert.ok(
    gaps.every((gapMs) => gapMs >= 9),
    `gaps of ${gaps} ms`,
  );
  assert.ok(calledAtMs.length - before < 20);
  change[Symbol.dispose]();
  const after = calledAtMs.length;
  await fixture.run("kill-session", "-t", "=lead40:");
  await until("it is gone", async () => (await pane("lead40")) === undefined);
  assert.equal(calledAtMs.length, after);
});
