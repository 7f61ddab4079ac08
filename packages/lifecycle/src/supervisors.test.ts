import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { agentUnit, MosaicError, type RosterAgent, type SessionLauncher, sessionNameOf } from "@mosaic/core";
import { aRoster, FakeClock, FakeTerminal, FakeUnits } from "@mosaic/testkit";
import { fleetPaths } from "./fleet-paths.ts";
import { memoryStore } from "./memory-store-for-tests.ts";
import type { Supervisor } from "./supervisor.ts";
import { systemdSupervisor } from "./systemd-supervisor.ts";
import { tmuxSupervisor } from "./tmux-supervisor.ts";

const { signal } = new AbortController();
const paths = fleetPaths("/home/u/.config/mosaic");
const [agent] = aRoster([{ name: "co.der", runtime: "command", command: ["sleep", "1"] }]).agents as [RosterAgent];
const session = sessionNameOf(agent.name);

interface World {
  readonly supervisor: Supervisor;
  readonly terminal: FakeTerminal;
  readonly units: FakeUnits;
  readonly files: ReturnType<typeof memoryStore>;
  readonly launches: string[];
  /** What each launch was given as OTEL_RESOURCE_ATTRIBUTES. */
  readonly tags: (string | undefined)[];
}

interface WorldOptions {
  readonly local?: Readonly<Record<string, string>>;
  readonly resourceAttributes?: string;
}

function world(kind: Supervisor["kind"], { local = {}, resourceAttributes }: WorldOptions = {}): World {
  const clock = new FakeClock();
  const terminal = new FakeTerminal(clock);
  const units = new FakeUnits();
  const files = memoryStore();
  const launches: string[] = [];
  const tags: (string | undefined)[] = [];
  const start = () => {
    terminal.addSession(session, "sleep");
    launches.push(session);
  };
  const launcher: SessionLauncher = {
    ensureHolder: async () => {},
    startSession: async ({ env }) => {
      start();
      tags.push(env["OTEL_RESOURCE_ATTRIBUTES"]);
      return "started";
    },
    endSession: async (name) => {
      if (!terminal.sessions.includes(name)) return "absent";
      terminal.endSession(name);
      return "ended";
    },
    endServer: async () => {},
  };
  units.onStart = () => {
    if (terminal.sessions.includes(session)) terminal.endSession(session);
    start();
  };
  units.onStop = () => {
    if (terminal.sessions.includes(session)) terminal.endSession(session);
  };
  const shared = { terminal, launcher, files };
  const site = {
    paths,
    tenantId: "team-a",
    host: "alpha",
    homeDirectory: "/home/u",
    path: "/usr/bin",
    nodeProgram: "/opt/node",
  };
  const processes = {
    read: (pid: number) => ({ pid, executable: "/usr/bin/sleep", command: "sleep", arguments: ["sleep"], startTicks: 77 }),
    childrenOf: () => [],
  };
  const supervisor =
    kind === "systemd"
      ? systemdSupervisor({ ...shared, units, runDirectory: paths.runDirectory })
      : tmuxSupervisor({
          ...{ ...shared, processes, clock, holderSession: "_holder", site, resourceAttributes },
          localVariables: async () => local,
        });
  return { supervisor, terminal, units, files, launches, tags };
}

for (const kind of ["systemd", "tmux"] as const) {
  describe(`agents kept by ${kind}`, () => {
    test("a start starts, and a second one says that it runs already", async () => {
      const { supervisor, launches } = world(kind);
      assert.equal(await supervisor.start(agent, signal), "started");
      assert.equal(await supervisor.start(agent, signal), "already running");
      assert.equal(launches.length, 1);
    });

    test("an agent whose program has ended is started, whatever is said of its unit", async () => {
      const { supervisor, terminal, launches } = world(kind);
      await supervisor.start(agent, signal);
      terminal.killProcess(session);
      assert.equal(await supervisor.start(agent, signal), "started");
      assert.equal(launches.length, 2);
      assert.equal(terminal.pane(session).isDead, false);
    });

    test("a stop ends the session, and a second one says that nothing ran", async () => {
      const { supervisor, terminal } = world(kind);
      await supervisor.start(agent, signal);
      assert.equal(await supervisor.stop(agent.name, signal), "stopped");
      assert.deepEqual(terminal.sessions, []);
      assert.equal(await supervisor.stop(agent.name, signal), "not running");
    });

    test("a restart starts what did not run", async () => {
      const { supervisor, launches } = world(kind);
      assert.equal(await supervisor.restart(agent, signal), "started");
      assert.equal(await supervisor.restart(agent, signal), "restarted");
      assert.equal(launches.length, 2);
    });

    test("the screen that a dead agent left goes with its stop", async () => {
      const { supervisor, terminal } = world(kind);
      await supervisor.start(agent, signal);
      terminal.killProcess(session);
      await supervisor.stop(agent.name, signal);
      assert.deepEqual(terminal.sessions, []);
    });
  });
}

test("systemd is told to forget failures before a start that somebody asked for, and the waiting of the start script with them", async () => {
  const { supervisor, units, files } = world("systemd");
  units.set(agentUnit(agent.name), { active: "failed", sub: "failed", result: "start-limit-hit", restarts: 11 });
  await files.write(`${paths.runDirectory}/${agent.name}.tries`, "11 1\n", 0o600);
  await supervisor.start(agent, signal);
  assert.deepEqual(units.calls, [
    "reset-failed mosaic-tmux-holder.service",
    `reset-failed ${agentUnit(agent.name)}`,
    `start ${agentUnit(agent.name)}`,
  ]);
  assert.equal(await files.read(`${paths.runDirectory}/${agent.name}.tries`), undefined);
});

test("without systemd an agent that can't report itself has a beat at once, and none is left when it was stopped", async () => {
  const { supervisor, files, terminal } = world("tmux");
  await supervisor.start(agent, signal);
  const pid = terminal.pane(session).pid;
  assert.equal(await files.read(`${paths.runDirectory}/co.der.sidecar`), `${pid}\n77\n`);
  assert.match((await files.read(`${paths.runDirectory}/co.der.hb`)) ?? "", /writer=sidecar/);
  await supervisor.stop(agent.name, signal);
  assert.deepEqual(await files.list(paths.runDirectory), []);
});

test("without systemd an agent whose beats can't be begun is not left running by the start that failed", async () => {
  const { supervisor, files, terminal } = world("tmux");
  files.write = async (path) => {
    throw new MosaicError("MACHINE", `cannot write ${path}: no space is left on the disk`);
  };
  await assert.rejects(supervisor.start(agent, signal), /cannot write .*co\.der\.sidecar: no space/);
  assert.deepEqual(terminal.sessions, []);
});

test("without systemd the telemetry tags of who starts an agent stay behind ours, and those of another agent go", async () => {
  const ours = "mosaic.tenant=team-a,mosaic.host=alpha,mosaic.agent=co.der";
  const tagsOf = async (options: WorldOptions) => {
    const { supervisor, tags } = world("tmux", options);
    await supervisor.start(agent, signal);
    return tags[0];
  };
  assert.equal(await tagsOf({}), ours);
  assert.equal(await tagsOf({ resourceAttributes: "team=blue" }), `${ours},team=blue`);
  const lead = "mosaic.tenant=team-a,mosaic.host=alpha,mosaic.agent=lead,team=blue";
  assert.equal(await tagsOf({ resourceAttributes: lead }), `${ours},team=blue`);
  const local = { OTEL_RESOURCE_ATTRIBUTES: "team=red,rack=7" };
  assert.equal(await tagsOf({ local, resourceAttributes: "team=blue" }), `${ours},team=red,rack=7`);
});
