/** The logs of a whole fleet in one place: real daemons, nested aggregators, and a node that is killed. Behind walls: walled-logs.ts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { type DaemonHome, daemonHome, quietRoster } from "./daemon-home.ts";
import { MOSAIC } from "./demo-fleet.ts";
import { rawCall } from "./raw-call.ts";
import { startProgram } from "./run-program.ts";
import { tellAll } from "./tell-all.ts";

interface Answer {
  readonly complete: boolean;
  readonly sources: readonly string[];
  readonly missing: readonly {
    readonly tenant_id: string;
    readonly host: string;
    readonly code: string;
    readonly detail: string;
  }[];
  readonly items: readonly { readonly host: string; readonly daemon: string; readonly message: string }[];
}

const socketOf = (home: DaemonHome, role: string) => join(home.mosaicHome, `fleet/run/${role}.sock`);
const groupOf = (home: DaemonHome, role: "node" | "aggregator", host: string) =>
  `- targets: ["unix:${socketOf(home, role)}"]\n  labels: { host: ${host}, ${role === "node" ? "tenant: team-a" : "role: aggregator"} }\n`;

async function areLive(home: DaemonHome, count: number): Promise<void> {
  await eventually(`${count} hosts are live`, async () => {
    const { body } = await rawCall({ socketPath: socketOf(home, "aggregator") }, "List", {});
    return (body.match(/HOST_STATE_LIVE/g) ?? []).length >= count;
  });
}

test(
  "the logs of every host come over the federation, and one that is killed is named",
  { timeout: 120_000 },
  tellAll(async (t) => {
    await using stack = new AsyncDisposableStack();
    const home = async (name: string) => stack.use(await daemonHome({ name }));
    const [alpha, beta, middle, top] = await Promise.all([home("alpha"), home("beta"), home("middle"), home("top")]);
    await alpha.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
    await beta.write("fleet/roster.yaml", quietRoster("beta", ["lead"]));
    await middle.write("fleet/hosts.yaml", groupOf(beta, "node", "beta"));
    await top.write("fleet/hosts.yaml", groupOf(alpha, "node", "alpha") + groupOf(middle, "aggregator", "middle"));
    const [alphaNode, betaNode] = await Promise.all([
      alpha.serves("node", "--no-systemd"),
      beta.serves("node", "--no-systemd"),
      middle.serves("aggregator", "--host", "middle"),
      top.serves("aggregator", "--host", "top"),
    ]);
    await areLive(top, 2);
    const logs = async (...flags: string[]) => {
      const end = await top.mosaic("logs", ...flags, "--json");
      return { ...end, answer: (end.stdout === "" ? undefined : JSON.parse(end.stdout)) as Answer };
    };

    await t.test("of both hosts, and of both aggregators under their own names", async () => {
      const { answer, exitCode, stderr } = await logs("--all-hosts");
      assert.deepEqual([exitCode, answer.complete], [0, true], stderr);
      assert.deepEqual(answer.sources, ["aggregator middle", "aggregator top", "team-a/alpha", "team-a/beta"]);
      const whoServes = answer.items.filter(({ message }) => message.endsWith("is serving")).map(({ host }) => host);
      assert.deepEqual(whoServes.sort(), ["alpha", "beta", "middle", "top"]);
      const one = await logs("--host", "beta");
      assert.deepEqual(one.answer.sources, ["team-a/beta"]);
      assert.equal((await logs("--host", "gamma")).exitCode, 2);
    });

    await using follow = startProgram([...MOSAIC, "logs", "--all-hosts", "--follow", "--jsonl"], { env: top.env });
    const shows = (pattern: RegExp) => eventually(`${pattern} is shown`, async () => pattern.test(follow.stdout()));
    await t.test("what is written later is shown to who follows", async () => {
      await shows(/"host":"beta".*node is serving/);
      alphaNode.kill("SIGUSR2");
      await shows(/"host":"alpha".*log level changed by SIGUSR2/);
    });

    await t.test("one that is killed is named with the reason: exit 3, and 4 where there is no other", async () => {
      betaNode.kill("SIGKILL");
      await betaNode.ended;
      await shows(/"type":"lost".*"host":"beta"/);
      const { answer, exitCode, stderr } = await logs("--all-hosts");
      assert.deepEqual([exitCode, answer.complete], [3, false], stderr);
      assert.deepEqual(
        answer.missing.map(({ tenant_id, host }) => [tenant_id, host]),
        [["team-a", "beta"]],
      );
      assert.match(stderr, /^mosaic: cannot read the log of team-a\/beta: host team-a\/beta does not answer/m);
      assert.equal((await logs("--host", "beta")).exitCode, 4);
    });

    await t.test(
      "after a restart it goes on, with a line that says that some may be missing; Ctrl-C ends it in order",
      async () => {
        await beta.serves("node", "--no-systemd");
        await shows(/"type":"gap","missed":0,"restarted":true,"tenant_id":"team-a","host":"beta"/);
        const began = () => follow.stdout().match(/"host":"beta".*node is serving/g)?.length === 2;
        await eventually("the new life is shown", async () => began());
        follow.kill("SIGINT");
        const end = await follow.ended;
        assert.deepEqual([end.exitCode, end.signal, end.stderr], [0, undefined, ""]);
      },
    );
  }),
);
