import assert from "node:assert/strict";
import { test } from "node:test";
import { agentUnit, type RosterAgent, type SessionLauncher } from "@mosaic/core";
import { aRoster, FakeClock, FakeTerminal, FakeUnits } from "@mosaic/testkit";
import { fleetPaths } from "./fleet-paths.ts";
import { memoryStore } from "./memory-store-for-tests.ts";
import { systemdSupervisor } from "./systemd-supervisor.ts";
import { tmuxSupervisor } from "./tmux-supervisor.ts";

const { signal } = new AbortController();
const paths = fleetPaths("/home/u/.config/mosaic");
const [lead, worker] = aRoster([
  { name: "lead", runtime: "stub" },
  { name: "worker", runtime: "stub", lifecycle: "ephemeral" },
]).agents as [RosterAgent, RosterAgent];
const file = (suffix: string, name = "lead") => `${paths.runDirectory}/${name}.${suffix}`;

/** A host without systemd, which says what was executed last. */
function world() {
  const clock = new FakeClock();
  const terminal = new FakeTerminal(clock);
  const files = memoryStore();
  const executed: string[] = [];
  const launcher: SessionLauncher = {
    ensureHolder: async () => {},
    startSession: async ({ session, argv }) => {
      terminal.addSession(session, "node");
      executed.push(argv.at(-1) ?? "");
      return "started";
    },
    endSession: async (name) => {
      if (!terminal.sessions.includes(name)) return "absent";
      terminal.endSession(name);
      return "ended";
    },
    endServer: async () => {},
  };
  const site = { paths, tenantId: "team-a", host: "alpha", homeDirectory: "/home/u", path: "/usr/bin", nodeProgram: "/node" };
  const processes = { read: () => undefined, childrenOf: () => [] };
  const shared = { terminal, launcher, files };
  const supervisor = tmuxSupervisor({
    ...{ ...shared, processes, clock, holderSession: "_holder", site },
    localVariables: async () => ({}),
  });
  return { ...shared, clock, executed, supervisor };
}

test("without systemd too an agent that is started again goes on with its conversation", async () => {
  const { supervisor, files, executed, terminal, clock } = world();
  await supervisor.start(lead, signal);
  await files.write(file("session"), "s-1\n", 0o600);
  terminal.killProcess("lead");
  await supervisor.start(lead, signal);
  await supervisor.restart(lead, signal);
  await supervisor.stop("lead", signal);
  await supervisor.start(lead, signal);
  await clock.advance(3_600_000);
  terminal.killProcess("lead");
  await supervisor.start(lead, signal);
  assert.deepEqual(
    executed.map((word) => word.includes("--resume=s-1")),
    [false, true, true, true, true],
  );
});

test("a conversation with which an agent ended at once is not tried again, and its id is kept", async () => {
  const { supervisor, files, executed, terminal } = world();
  await files.write(file("session"), "s-1\n", 0o600);
  await supervisor.start(lead, signal);
  terminal.killProcess("lead");
  await supervisor.start(lead, signal);
  assert.equal(executed.at(-1)?.includes("--resume"), false);
  assert.equal(await files.read(file("session")), undefined);
  assert.equal(await files.read(file("session.failed")), "s-1\n");
  // The next one fails in the same way: the older is the one to keep.
  await files.write(file("session"), "s-2\n", 0o600);
  terminal.killProcess("lead");
  await supervisor.start(lead, signal);
  terminal.killProcess("lead");
  await supervisor.start(lead, signal);
  assert.equal(await files.read(file("session.failed")), "s-1\n");
});

test("a start that is to be fresh forgets the conversation; one of an agent that runs leaves it alone", async () => {
  const { supervisor, files, executed } = world();
  await files.write(file("session"), "s-1\n", 0o600);
  await files.write(file("session.failed"), "s-0\n", 0o600);
  await supervisor.start(lead, signal);
  assert.equal(await supervisor.start(lead, signal, { isFresh: true }), "already running");
  assert.equal(await files.read(file("session")), "s-1\n");
  await supervisor.restart(lead, signal, { isFresh: true });
  assert.deepEqual([await files.read(file("session")), await files.read(file("session.failed"))], [undefined, undefined]);
  assert.deepEqual(
    executed.map((word) => word.includes("--resume")),
    [true, false],
  );
});

test("under systemd a fresh restart forgets the conversation after the agent has ended, and before it starts", async () => {
  const { terminal, launcher, files } = world();
  const units = new FakeUnits();
  const seen: string[] = [];
  const look = async (what: string) => void seen.push(`${what} ${(await files.read(file("session"))) ?? "without"}`.trim());
  units.onStop = async () => await look("stop");
  units.onStart = async () => await look("start");
  await files.write(file("session"), "s-1\n", 0o600);
  const supervisor = systemdSupervisor({ units, terminal, launcher, files, runDirectory: paths.runDirectory });
  await supervisor.start(lead, signal);
  units.set(agentUnit("lead"), { active: "active", sub: "running" });
  await supervisor.restart(lead, signal, { isFresh: true });
  assert.deepEqual(seen.slice(0, 2), ["start s-1", "stop s-1"]);
  assert.equal(seen.at(-1), "start without");
});

test("a worker starts afresh, and what can't be an id is never a word of a command line", async () => {
  const { supervisor, files, executed } = world();
  await files.write(file("session", "worker"), "s-1\n", 0o600);
  await supervisor.start(worker, signal);
  for (const text of ["--help\n", "a b\n", "\n", `${"x".repeat(201)}\n`, "$(touch x)"]) {
    await files.write(file("session"), text, 0o600);
    await supervisor.restart(lead, signal);
  }
  assert.deepEqual(
    executed.map((word) => word.includes("--resume")),
    [false, false, false, false, false, false],
  );
});
