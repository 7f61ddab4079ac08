/** What happens by itself is kept, once each, over kills and restarts; and who is connected can be asked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type DemoFleet, startDemoFleet } from "./demo-fleet.ts";
import { itemIn } from "./ps-answer.ts";
import { tellAll } from "./tell-all.ts";

interface Listed {
  readonly items: readonly {
    readonly id: string;
    readonly action: string;
    readonly host: string;
    readonly agent: string | null;
  }[];
}

interface Presence {
  readonly items: readonly {
    readonly role: string;
    readonly host: string;
    readonly terminals: readonly { readonly agent: string; readonly mode: string }[];
  }[];
}

async function events(
  fleet: DemoFleet,
  ...args: string[]
): Promise<{ readonly kinds: string[]; readonly exitCode: number | undefined }> {
  const end = await fleet.mosaic(["events", "--all-hosts", "--json", "--since", "1h", ...args]);
  const { items } = JSON.parse(end.stdout) as Listed;
  assert.equal(new Set(items.map(({ id }) => id)).size, items.length, "each once");
  return { kinds: items.map(({ action, host, agent }) => `${action} ${agent ?? host}`), exitCode: end.exitCode };
}

async function atTerminals(fleet: DemoFleet): Promise<string[]> {
  const { stdout } = await fleet.mosaic(["system", "presence", "--all-hosts", "--json"]);
  const { items } = JSON.parse(stdout) as Presence;
  return items.flatMap(({ role, terminals }) => terminals.map(({ agent, mode }) => `${role} ${mode} ${agent}`));
}

test(
  "an agent and a node that are killed stand among the events once each, also after daemons were started again; who watches is present",
  { timeout: 60_000 },
  tellAll(async () => {
    await using fleet = await startDemoFleet({ hosts: 2, agents: 1 });
    const watcher = fleet.start(["agent", "tail", "demo/alpha/lead", "--follow"]);
    const there = ["aggregator following demo/alpha/lead", "node following demo/alpha/lead"];
    await fleet.eventually("the watcher is present", async () => (await atTerminals(fleet)).join() === there.join());
    watcher.kill("SIGINT");
    await watcher.ended;
    await fleet.eventually("the watcher is gone", async () => (await atTerminals(fleet)).length === 0);

    const { pid } = itemIn((await fleet.ps()).answer, "alpha", "lead").pane ?? {};
    assert.ok(pid);
    process.kill(pid, "SIGKILL");
    const died = "agent.died demo/alpha/lead";
    await fleet.eventually("the death is kept", async () => (await events(fleet, "--kind", "agent")).kinds.includes(died));
    fleet.kill("beta", "SIGKILL");
    const gone = "host.unreachable beta";
    // As it stands in the aggregator's file, since that is killed next.
    await fleet.eventually("the loss of the host is kept", async () => {
      const { stdout } = await fleet.mosaic(["events", "--kind", "host.unreachable"]);
      return stdout.includes("demo/beta");
    });
    assert.equal((await events(fleet)).exitCode, 3, "the events of a host are missing");
    // Without a word to anybody, as a crash of the machine.
    for (const host of ["alpha", "aggregator"]) fleet.kill(host, "SIGKILL");
    await fleet.restart();
    const isWhole = ({ kinds, exitCode }: { kinds: string[]; exitCode: number | undefined }) =>
      exitCode === 0 && kinds.filter((kind) => kind === "host.live beta").length === 2;
    const { kinds } = await fleet.eventually("the host is live again", async () => {
      const told = await events(fleet);
      return isWhole(told) && told;
    });
    const count = (wanted: string) => kinds.filter((kind) => kind === wanted).length;
    assert.deepEqual([count(died), count(gone), count("agent.started demo/alpha/lead")], [1, 1, 1], kinds.join("\n"));
    assert.deepEqual(
      [count("daemon.started alpha"), count("daemon.started beta"), count("agent.found demo/beta/lead")],
      [2, 2, 1],
    );
  }),
);
