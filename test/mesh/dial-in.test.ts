/** A host that nobody can reach dials its aggregator, and is served over that connection: through kills, cuts and strangers. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { type DaemonHome, daemonHome, quietRoster } from "./daemon-home.ts";

async function hostIn(home: DaemonHome, flags: readonly string[] = []) {
  const { stdout, stderr } = await home.mosaic("host", "list", ...flags, "--json");
  assert.notEqual(stdout, "", stderr);
  const { hosts } = JSON.parse(stdout) as {
    hosts: { host: string; state: string; address: string; conditions: { type: string }[] }[];
  };
  assert.equal(hosts.length, 1, "an expected host is listed, whatever happens");
  return hosts[0];
}

async function eventuallyIs(home: DaemonHome, state: string): Promise<void> {
  await eventually(`the host is ${state}`, async () => (await hostIn(home))?.state === state, 60_000);
}

test("a host that dials in is in the fleet, and comes back from every death by itself", { timeout: 180_000 }, async () => {
  await using stack = new AsyncDisposableStack();
  const top = stack.use(await daemonHome({ name: "top" }));
  const beta = stack.use(await daemonHome({ name: "beta" }));
  const door = `unix:${join(top.mosaicHome, "fleet/run/door.sock")}`;
  await top.write("fleet/hosts.yaml", '- targets: ["dial-in"]\n  labels: { host: beta, tenant: team-a }\n');
  await beta.write("fleet/roster.yaml", quietRoster("beta", ["lead"]));

  const aggregator = await top.serves("aggregator", "--dial-in", door);
  const early = await hostIn(top);
  assert.ok(early && ["WARMING", "NEVER_SEEN"].includes(early.state), early?.state);
  const node = await beta.serves("node", "--dial-out", door);
  await eventuallyIs(top, "LIVE");
  assert.equal((await hostIn(top))?.address, "dial-in");
  const listed = await top.mosaic("fleet", "ps", "--all-hosts", "--live", "--json");
  assert.deepEqual(
    JSON.parse(listed.stdout).items.map(({ name }: { name: string }) => name),
    ["lead"],
    listed.stderr,
  );

  node.kill("SIGKILL");
  await node.ended;
  await eventuallyIs(top, "UNREACHABLE");
  await beta.serves("node", "--dial-out", door);
  await eventuallyIs(top, "LIVE");

  aggregator.kill("SIGKILL");
  await aggregator.ended;
  const told = async () => (await hostIn(beta))?.conditions.some(({ type }) => type === "NOT_DIALLED_OUT") === true;
  await eventually("the node says that it has no connection", told, 60_000);
  await top.serves("aggregator", "--dial-in", door);
  await eventuallyIs(top, "LIVE");
  await eventually("and no more", async () => !(await told()), 60_000);
});

test("a stranger that dials in is hung up on, and is in nobody's fleet", { timeout: 120_000 }, async () => {
  await using stack = new AsyncDisposableStack();
  const top = stack.use(await daemonHome({ name: "top" }));
  const stranger = stack.use(await daemonHome({ name: "stranger" }));
  const door = `unix:${join(top.mosaicHome, "fleet/run/door.sock")}`;
  await top.write("fleet/hosts.yaml", '- targets: ["dial-in"]\n  labels: { host: beta, tenant: team-a }\n');
  await stranger.write("fleet/roster.yaml", quietRoster("gamma", ["lead"]));
  const aggregator = await top.serves("aggregator", "--dial-in", door);
  await stranger.serves("node", "--dial-out", door);
  await eventually("it is hung up on", () => /gamma.*not expected|not expected.*gamma/.test(aggregator.stderr()), 60_000);
  const host = await hostIn(top);
  assert.deepEqual([host?.host, host?.state === "LIVE"], ["beta", false]);
});
