import assert from "node:assert/strict";
import { test } from "node:test";
import { aRoster } from "@mosaic/testkit";
import { applyFiles, compareFiles } from "./file-steps.ts";
import { fleetPaths } from "./fleet-paths.ts";
import { planInstallation } from "./installation.ts";
import { memoryStore } from "./memory-store-for-tests.ts";
import { findOwnUnits, planUninstallation } from "./uninstallation.ts";
import type { UnitSite } from "./unit-files.ts";

const header = "# Made by `mosaic fleet install-systemd`; changes here are lost.\n";
const unitText = `${header}[Service]\n@environment@\nExecStart=/bin/sh start\n`;
const framework = new Map([
  ["systemd/beats", "#!/bin/sh\n"],
  ...["mosaic-tmux-holder.service", "mosaic-agent@.service", "mosaic-node.service"].map(
    (unit) => [`systemd/${unit}.in`, unitText] as const,
  ),
]);
const site: UnitSite = {
  paths: fleetPaths("/home/u/my 50% fleet"),
  tenantId: "team-a",
  host: "alpha",
  homeDirectory: "/home/u",
  path: "/usr/bin:/bin",
  nodeProgram: "/opt/node",
  unitDirectory: "/home/u/.config/systemd/user",
  tmuxProgram: "/usr/bin/tmux",
  nodeDaemon: ["/opt/node", "/opt/mosaic-node.mjs"],
  listen: ["http://127.0.0.1:8787"],
};
const units = site.unitDirectory;
const agents = site.paths.agentsDirectory;
const dropIn = `${units}/mosaic-agent@1.a-b.service.d`;

/** A host on which a fleet is installed. */
async function installed() {
  const files = memoryFolders();
  const roster = aRoster(["lead", { name: "1.a-b", limits: { tasksMax: 5 } }]);
  const { files: planned } = planInstallation({ roster, workers: [], site, framework });
  await applyFiles(await compareFiles(planned, [], files), planned, files);
  const plan = (more: Partial<Parameters<typeof planUninstallation>[0]> = {}) =>
    planUninstallation({ ...site, framework, isForced: false, isInUse: false, ...more }, files);
  return { files, planned, plan };
}

// The folders of drop-ins are entries too.
function memoryFolders() {
  const files = memoryStore();
  const list = async (directory: string) =>
    directory === units
      ? [...(await files.list(units)), "mosaic-agent@1.a-b.service.d", "other.service.d"]
      : files.list(directory);
  return { ...files, list };
}

test("everything that an installation made goes, whatever the roster says by then", async () => {
  const { files, planned, plan } = await installed();
  const steps = await plan();
  assert.deepEqual(new Set(steps.map(({ kind }) => kind)), new Set(["remove"]));
  assert.deepEqual(steps.map(({ path }) => path).sort(), planned.map(({ path }) => path).sort());
  assert.deepEqual(
    [...(await findOwnUnits(site, files))],
    ["mosaic-tmux-holder.service", "mosaic-agent@.service", "mosaic-node.service"],
  );
});

test("what was changed stays, unless that is asked for; what is site-owned stays always", async () => {
  const { files, plan } = await installed();
  const append = async (path: string) => files.write(path, `${await files.read(path)}# mine\n`, 0o644);
  await append(`${units}/mosaic-node.service`);
  await append(`${agents}/lead.launch`);
  await append(`${site.paths.frameworkDirectory}/systemd/beats`);
  await files.write(`${agents}/lead.local.env`, "KEY=1\n", 0o600);
  await files.write(`${dropIn}/90-mine.conf`, "[Service]\nNice=5\n", 0o644);
  await files.write(`${units}/mosaic-tmux-holder.service`, "[Service]\nExecStart=/bin/mine\n", 0o644);
  const kept = async (isForced: boolean) =>
    (await plan({ isForced })).filter(({ kind }) => kind === "keep").map(({ path, why }) => [path, why]);
  const changed = [
    [`${units}/mosaic-node.service`, "changed"],
    [`${agents}/lead.launch`, "changed"],
    [`${site.paths.frameworkDirectory}/systemd/beats`, "changed"],
  ];
  const siteOwned = [
    [`${units}/mosaic-tmux-holder.service`, "site-owned"],
    [`${dropIn}/90-mine.conf`, "site-owned"],
    [`${agents}/lead.local.env`, "site-owned"],
  ];
  assert.deepEqual((await kept(false)).sort(), [...changed, ...siteOwned].sort());
  assert.deepEqual((await kept(true)).sort(), siteOwned.sort());
  const own = await findOwnUnits(site, files);
  assert.deepEqual([...own], ["mosaic-agent@.service", "mosaic-node.service"], "a changed unit is still ours to disable");
});

test("units of another home, and their drop-ins, are not touched, not even by force", async () => {
  const { files, plan } = await installed();
  const paths = fleetPaths("/home/u/other");
  const steps = await plan({ paths, isForced: true });
  assert.deepEqual(
    steps.map(({ kind, why }) => [kind, why]),
    Array.from({ length: 3 }, () => ["keep", "other home"]),
  );
  assert.equal((await findOwnUnits({ ...site, paths }, files)).size, 0);
});

test("scripts that something still runs from stay", async () => {
  const { plan } = await installed();
  const kept = (await plan({ isInUse: true })).filter(({ kind }) => kind === "keep");
  assert.equal(kept.length, framework.size);
  assert.ok(kept.every(({ why, path }) => why === "in use" && path.startsWith(`${site.paths.frameworkDirectory}/`)));
});

test("where nothing is installed there is nothing to do", async () => {
  const options = { ...site, framework, isForced: true, isInUse: false };
  assert.deepEqual(await planUninstallation(options, memoryStore()), []);
});
