import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { MosaicError, type Roster } from "@mosaic/core";
import { aRoster } from "@mosaic/testkit";
import { applyFiles, compareFiles } from "./file-steps.ts";
import { fleetPaths } from "./fleet-paths.ts";
import { assertOwnUnits, findLeftovers, planInstallation } from "./installation.ts";
import { memoryStore } from "./memory-store-for-tests.ts";
import type { UnitSite } from "./unit-files.ts";

const units = new URL("../../../framework/systemd/", import.meta.url);
const framework = new Map(
  readdirSync(units).map((name) => [`systemd/${name}`, readFileSync(new URL(name, units), "utf8")] as const),
);
const site: UnitSite = {
  paths: fleetPaths("/home/u/my fleet"),
  tenantId: "team-a",
  host: "alpha",
  homeDirectory: "/home/u",
  path: "/usr/bin:/bin",
  nodeProgram: "/opt/node",
  unitDirectory: "/home/u/.config/systemd/user",
  tmuxProgram: "/usr/bin/tmux",
  nodeDaemon: ["/opt/node", "/opt/50% off/mosaic-node.mjs"],
  listen: ["http://127.0.0.1:8787"],
};
const plan = (roster: Roster, workers: Roster["agents"] = []) => planInstallation({ roster, workers, site, framework });
const textOf = (roster: Roster, path: string, workers: Roster["agents"] = []) =>
  plan(roster, workers).files.find((file) => file.path === path)?.text ?? assert.fail(`${path} is not planned`);
const unit = (name: string) => `${site.unitDirectory}/${name}`;

test("no placeholder is left in a unit, and no unit is empty", () => {
  for (const file of plan(aRoster()).files.filter(({ path }) => path.startsWith(site.unitDirectory))) {
    assert.doesNotMatch(file.text, /@(?!\.service|NAME)\w+@/, file.path);
    assert.match(file.text, /\[Service\][\s\S]*ExecStart=\S/, file.path);
  }
});

test("folders with spaces and percent signs reach systemd as they are", () => {
  assert.match(
    textOf(aRoster(), unit("mosaic-agent@.service")),
    /^EnvironmentFile=\/home\/u\/my fleet\/fleet\/agents\/%i\.env$/m,
  );
  const node = textOf(aRoster(), unit("mosaic-node.service"));
  assert.match(
    node,
    /^ExecStart="\/opt\/node" "\/opt\/50%% off\/mosaic-node\.mjs" "--mosaic-home" "\/home\/u\/my fleet" .*"--listen" "http:/m,
  );
});

test("core agents come up by themselves, ephemeral ones don't and have no files of their own", () => {
  const { enabledUnits, files } = plan(aRoster(["lead", { name: "spare", lifecycle: "ephemeral" }]));
  assert.deepEqual(enabledUnits, ["mosaic-tmux-holder.service", "mosaic-node.service", "mosaic-agent@lead.service"]);
  assert.equal(
    files.some(({ path }) => path.includes("spare")),
    false,
  );
});

test("an agent's file says what it is, where it works, and what is executed", () => {
  const roster = aRoster([{ name: "a.b", runtime: "command", command: ["sh", "-c", "it's"], workingDirectory: "~/src" }]);
  const agents = site.paths.agentsDirectory;
  const env = textOf(roster, `${agents}/a.b.env`);
  for (const line of [
    'MOSAIC_AGENT_NAME="a.b"',
    'MOSAIC_SESSION="a~b"',
    'MOSAIC_WORKING_DIRECTORY="/home/u/src"',
    'MOSAIC_SIDECAR="1"',
  ]) {
    assert.ok(env.split("\n").includes(line), line);
  }
  assert.match(textOf(roster, `${agents}/a.b.launch`), /^exec 'sh' '-c' 'it'\\''s'$/m);
});

test("limits are options of the agent's own unit, and a worker is not started again", () => {
  const limits = { memoryMax: "4G", cpuQuotaPercent: 150, tasksMax: 100 };
  const limited = textOf(aRoster([{ name: "lead", limits }]), unit("mosaic-agent@lead.service.d/50-roster.conf"));
  assert.match(limited, /\[Service\]\nMemoryMax=4G\nCPUQuota=150%\nTasksMax=100\n$/);
  const [lead] = aRoster().agents;
  assert.ok(lead);
  const worker = { ...lead, name: "lead.l1", lifecycle: "ephemeral" as const, lane: "l1" };
  assert.match(textOf(aRoster(), unit("mosaic-agent@lead.l1.service.d/50-roster.conf"), [worker]), /^Restart=no$/m);
});

test("hardening is set on the tmux server that every agent comes from, and leaves the fleet's own folders writable", () => {
  const hardening = { noNewPrivileges: true, protectSystem: "strict", readOnlyPaths: ["~/vault"], umask: "0077" };
  const text = textOf({ ...aRoster(), hardening }, unit("mosaic-tmux-holder.service"));
  for (const line of [
    "NoNewPrivileges=yes",
    "UMask=0077",
    "PrivateUsers=yes",
    "ProtectSystem=strict",
    'ReadOnlyPaths="/home/u/vault"',
  ]) {
    assert.ok(text.split("\n").includes(line), line);
  }
  assert.match(text, /^ReadWritePaths="\/home\/u\/my fleet"$/m);
  assert.doesNotMatch(textOf(aRoster(), unit("mosaic-tmux-holder.service")), /PrivateUsers|ReadWritePaths/);
});

test("an installation that is repeated changes nothing, and takes away what it made for agents that are gone", async () => {
  const store = memoryStore();
  const before = plan(aRoster(["lead", { name: "gone", limits: { tasksMax: 5 } }]));
  await applyFiles(await compareFiles(before.files, [], store), before.files, store);
  await store.write(`${site.paths.agentsDirectory}/gone.local.env`, "KEY=1\n", 0o600);
  assert.equal(
    (await compareFiles(before.files, [], store)).every(({ kind }) => kind === "keep"),
    true,
  );

  const after = plan(aRoster(["lead"]));
  const leftovers = await findLeftovers(new Set(["lead"]), site, store);
  const steps = await compareFiles(after.files, leftovers.paths, store);
  assert.deepEqual(
    steps.filter(({ kind }) => kind !== "keep").map(({ kind, path }) => [kind, path.slice(path.lastIndexOf("/") + 1)]),
    [
      ["remove", "gone.env"],
      ["remove", "gone.launch"],
      ["remove", "50-roster.conf"],
    ],
  );
  await applyFiles(steps, after.files, store);
  assert.equal(await store.read(`${site.paths.agentsDirectory}/gone.env`), undefined);
  assert.equal(await store.read(`${site.paths.agentsDirectory}/gone.local.env`), "KEY=1\n");
});

test("units that somebody else made, or of another home, are not replaced", async () => {
  const store = memoryStore();
  const planned = plan(aRoster());
  await assertOwnUnits(planned, site, store);
  await applyFiles(await compareFiles(planned.files, [], store), planned.files, store);
  await assertOwnUnits(planned, site, store);
  const refusal = (thrown: unknown) => thrown instanceof MosaicError && thrown.code === "WOULD_OVERWRITE";
  const other = { ...site, paths: fleetPaths("/home/u/other") };
  await assert.rejects(
    assertOwnUnits(planInstallation({ roster: aRoster(), workers: [], site: other, framework }), other, store),
    refusal,
  );
  await store.write(unit("mosaic-node.service"), "[Service]\nExecStart=/bin/mine\n", 0o644);
  await assert.rejects(assertOwnUnits(planned, site, store), refusal);
});
