/** What a real daemon logs: its level changes while it runs, lines have the ids of their call, and nothing of what was said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { daemonHome, quietRoster } from "../mesh/daemon-home.ts";

const CANARY = "cAnArY-of-a-logged-prompt";
const TRACE = "0af7651916cd43dd8448eb211c80319c";

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly role: string;
  readonly method?: string;
  readonly code?: string;
  readonly ms?: number;
  readonly trace?: string;
  readonly error?: string;
}

test("SIGUSR2 makes a daemon tell every call, with its trace and without its text, and a second one ends that", {
  timeout: 60_000,
}, async () => {
  await using home = await daemonHome({ env: { TRACEPARENT: `00-${TRACE}-b7ad6b7169203331-01` } });
  await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
  const node = await home.serves("node");
  const lines = () =>
    node
      .stderr()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line);
  const send = (id: string) => home.mosaic("agent", "send", "lead", "-m", `${CANARY} ${id}`, "--id", id);
  const calls = (method: string) => lines().filter((line) => line.msg === "call is over" && line.method === method);

  await send("m-1");
  assert.deepEqual(calls("Send"), [], "not at the usual level");
  node.kill("SIGUSR2");
  await eventually("the level is told", () => lines().some(({ msg }) => msg === "log level changed by SIGUSR2"));
  const end = await send("m-2");
  const [line] = await eventually("the call's line", () => calls("Send").length > 0 && calls("Send"));
  assert.deepEqual([line?.level, line?.role, line?.trace], [20, "node", TRACE], end.stderr);
  assert.ok(line?.code !== undefined && typeof line.ms === "number");
  node.kill("SIGUSR2");
  await eventually("the level is back", () => lines().filter(({ msg }) => msg === "log level changed by SIGUSR2").length === 2);
  const before = calls("Send").length;
  await send("m-3");
  assert.equal(calls("Send").length, before);
  assert.ok(!node.stderr().includes(CANARY), "what was said is in no line");
});
