/** Asking every host now, with a dead, a hung and a slow one among many: real processes, real sockets. */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import type { Fault, HostsOrder } from "../bench/simulated-hosts.ts";
import { type DaemonHome, daemonHome, quietRoster } from "./daemon-home.ts";
import { HostHistory } from "./host-history.ts";
import { hostIn, type PsAnswer } from "./ps-answer.ts";

const MADE_UP = 28;

/** A process with many hosts that are made up, each on a socket of its own. */
async function madeUpHosts(stack: AsyncDisposableStack, folder: string) {
  const program = join(import.meta.dirname, "../bench/simulated-hosts-server.ts");
  const child = fork(program, [folder, String(MADE_UP), "8"]);
  stack.defer(() => void child.kill("SIGKILL"));
  const [names] = (await once(child, "message")) as [string[]];
  return {
    names,
    fault: (host: string, fault: Fault | "none") => {
      const order: HostsOrder = { kind: "fault", host: names.indexOf(host), fault };
      child.send(order);
    },
  };
}

function group(tenant: string, host: string, target: string): string {
  return `- targets: ["${target}"]\n  labels: { host: ${host}, tenant: ${tenant} }\n`;
}

async function ps(home: DaemonHome, ...flags: string[]) {
  const end = await home.mosaic("fleet", "ps", "--all-hosts", "--json", ...flags);
  assert.notEqual(end.stdout, "", end.stderr);
  return { end, answer: JSON.parse(end.stdout) as PsAnswer };
}

const missingIn = ({ hosts }: PsAnswer) => hosts.filter((host) => host.state !== "LIVE").map((host) => host.host);

test("a dead, a hung and a slow host among thirty: --live ends at its deadline with those three named", {
  timeout: 180_000,
}, async (t) => {
  await using stack = new AsyncDisposableStack();
  const top = stack.use(await daemonHome({ name: "top" }));
  const { names, fault } = await madeUpHosts(stack, top.folder);
  const nodes = await Promise.all(
    ["zz-dead", "zz-hung"].map(async (host) => {
      const home = stack.use(await daemonHome({ name: host }));
      await home.write("fleet/roster.yaml", quietRoster(host, ["lead"]));
      return { host, home, socket: `unix:${join(home.mosaicHome, "fleet/run/node.sock")}` };
    }),
  );
  const [dead, hung] = await Promise.all(nodes.map(({ home }) => home.serves("node")));
  assert.ok(dead && hung);
  const groups = [
    ...names.map((name) => group("bench", name, `unix:${join(top.folder, `${name}.sock`)}`)),
    ...nodes.map(({ host, socket }) => group("team-a", host, socket)),
  ];
  await top.write("fleet/hosts.yaml", groups.join(""));
  await top.serves("aggregator");
  await eventually("all hosts are LIVE", async () => missingIn((await ps(top)).answer).length === 0, 30_000);
  await using history = new HostHistory({ socketPath: join(top.mosaicHome, "fleet/run/aggregator.sock") }, 200);

  const whole = await ps(top, "--live");
  assert.deepEqual([whole.end.exitCode, whole.answer.items.length], [0, MADE_UP * 8 + 2]);

  const slow = names.at(-1) ?? "";
  fault(slow, "slow");
  dead.kill("SIGKILL");
  await dead.ended;
  hung.kill("SIGSTOP");
  const wanted = [slow, "zz-dead", "zz-hung"];
  const first = await ps(top, "--live", "--timeout", "4s");
  assert.equal(first.end.exitCode, 3);
  assert.ok(first.end.durationMs < 6000, `${first.end.durationMs} ms, the command's own start included`);
  assert.deepEqual(missingIn(first.answer), wanted);
  assert.match(hostIn(first.answer, "zz-hung").detail, /did not answer within \d+ ms/);
  assert.match(hostIn(first.answer, slow).detail, /did not answer within \d+ ms/);
  assert.match(hostIn(first.answer, "zz-dead").detail, /no socket there|connection|ECONN|broke/i);
  assert.equal(first.answer.items.length, MADE_UP * 8 + 2, "their rows as last known");

  // Those who fail again and again are not waited for any more, and still named with the reason.
  const times: number[] = [];
  await eventually(
    "the failing hosts cost nothing",
    async () => {
      const { end, answer } = await ps(top, "--live", "--timeout", "4s");
      assert.deepEqual(missingIn(answer), wanted);
      assert.equal(answer.hosts.length, MADE_UP + 2);
      times.push(Math.round(end.durationMs));
      return wanted.every((host) => /not asked again: failed \d+ times/.test(hostIn(answer, host).detail));
    },
    60_000,
  );
  t.diagnostic(`--live took ${Math.round(first.end.durationMs)} ms, then ${times.join(", ")} ms`);
  const strict = await ps(top, "--live", "--strict");
  assert.equal(strict.end.exitCode, 3, "three of thirty is not more than half");

  hung.kill("SIGCONT");
  fault(slow, "none");
  await nodes[0]?.home.serves("node");
  await eventually(
    "all are LIVE again, also when asked",
    async () => missingIn((await ps(top, "--live")).answer).length === 0,
    60_000,
  );
  await history[Symbol.asyncDispose]();
  assert.ok(history.moments.length > 20);
  for (const { states } of history.moments) assert.equal(states.size, MADE_UP + 2);
});
