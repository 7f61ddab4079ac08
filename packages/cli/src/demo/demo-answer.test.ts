import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { procfsTable } from "@mosaic/host";
import { eventually } from "@mosaic/testkit";
import { plainStyle } from "../output/style.ts";
import { demoResult } from "./demo-answer.ts";
import type { DemoState } from "./demo-state.ts";
import { isStopped } from "./is-stopped.ts";

test("a demo's process that was stopped is marked, with what makes it go on; one that is gone is told from it", async (context) => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const [pid, ended] = [child.pid ?? assert.fail("not started"), once(child, "exit")];
  context.after(() => child.kill("SIGKILL"));
  const one = { role: "node", endpoint: "http://127.0.0.1:1", home: "/demo/hosts/alpha" } as const;
  const state: DemoState = {
    plan: { directory: "/demo", tenant: "demo", hosts: [] } as unknown as DemoState["plan"],
    ...{ ownerPid: 0, ownerStartTicks: undefined },
    daemons: [
      { ...one, host: "alpha", pid, startTicks: procfsTable().read(pid)?.startTicks },
      { ...one, host: "beta", pid: 2 ** 30, startTicks: 1 },
    ],
  };
  const draw = () => demoResult(state, "running", (table) => table);
  const text = () => draw().text?.({ columns: undefined, style: plainStyle }) ?? "";
  const flags = () => (draw().envelope as { daemons: { is_running: boolean; is_stopped: boolean }[] }).daemons;
  assert.doesNotMatch(text(), /STOPPED|kill/);
  child.kill("SIGSTOP");
  await eventually("it is stopped", () => isStopped(pid));
  assert.match(
    text(),
    new RegExp(`^node  alpha  ${pid} STOPPED +http.*\\nnode  beta   GONE .*\\nnode alpha .*: kill -CONT ${pid}\\n$`, "m"),
  );
  assert.deepEqual(
    flags().map(({ is_running, is_stopped }) => [is_running, is_stopped]),
    [
      [true, true],
      [false, false],
    ],
  );
  child.kill("SIGCONT");
  await eventually("it goes on", () => !isStopped(pid));
  assert.doesNotMatch(text(), /STOPPED|kill/);
  child.kill("SIGKILL");
  await ended;
  assert.match(text(), /alpha +GONE/);
});
