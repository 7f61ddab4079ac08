import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import { aRoster, FakeTerminal, FakeUnits, RecordingAudit, realClock } from "@mosaic/testkit";
import { memoryFleet } from "../lifecycle/memory-fleet-for-tests.ts";
import { planChanges } from "../lifecycle/plan-changes.ts";
import type { GatewayHost } from "./gateway-host.ts";
import { planGatewayInstall, planGatewayRemoval } from "./plan-gateway.ts";

const { signal } = new AbortController();
const [HERE, THERE] = ["http://127.0.0.1:8787", "http://127.0.0.1:9999"];
const template = (name: string) => readFileSync(new URL(`../../../../framework/systemd/${name}`, import.meta.url), "utf8");
const framework = new Map(
  ["mosaic-node.service.in", "mosaic-aggregator.service.in", "mosaic-tmux-holder.service.in", "mosaic-agent@.service.in"].map(
    (name) => [`systemd/${name}`, template(name)] as const,
  ),
);

async function world(context: TestContext) {
  const fakes = { roster: aRoster(), audit: new RecordingAudit(), files: fileStore(), units: new FakeUnits() };
  const { fleet } = await memoryFleet(context, { ...fakes, terminal: new FakeTerminal(realClock) });
  const host: GatewayHost = { ...fleet, tenantId: "team-a", host: "alpha" };
  const install = (role: "node" | "aggregator", listen: readonly string[], isForced = false) =>
    planGatewayInstall(host, framework, { role, listen, isForced }, signal);
  const remove = (role: "node" | "aggregator", isForced = false) =>
    planGatewayRemoval(host, framework, { role, isForced }, signal);
  const unitText = async (unit: string) => await fakes.files.read(`${fleet.site.unitDirectory}/${unit}`);
  return { ...fakes, fleet, host, install, remove, unitText };
}

test("an aggregator's unit is made, enabled and on record; a second time there is nothing to do", async (context) => {
  const { install, units, unitText, audit } = await world(context);
  const first = await install("aggregator", [HERE]);
  assert.deepEqual([first.step.kind, first.enablement, first.before], ["create", "enable", []]);
  await first.apply(signal);
  const text = (await unitText("mosaic-aggregator.service")) ?? "";
  assert.match(text, /^# Made by `mosaic gateway install`.* \[[0-9a-f]{16}\]\n/);
  assert.match(text, /^ExecStart=.*"--listen" "http:\/\/127\.0\.0\.1:8787"$/m);
  assert.doesNotMatch(text, /@\w+@/);
  assert.deepEqual(units.calls, ["reload", "enable mosaic-aggregator.service"]);
  assert.deepEqual(audit.of("gateway.install")[0]?.facts, { unit: "mosaic-aggregator.service", listen: HERE });
  const again = await install("aggregator", [HERE]);
  assert.deepEqual([again.step.kind, again.enablement, again.before], ["keep", "keep", [HERE]]);
});

test("where an aggregator lets people in stays when it is not said again, and is replaced when it is", async (context) => {
  const { host, install, unitText } = await world(context);
  const enrolling = (enrol: string) =>
    planGatewayInstall(host, framework, { role: "aggregator", listen: [HERE], isForced: false, enrol }, signal);
  const flags = async () => /"--listen".*$/m.exec((await unitText("mosaic-aggregator.service")) ?? "")?.[0];
  await (await enrolling("0.0.0.0:8444")).apply(signal);
  await (await install("aggregator", [THERE])).apply(signal);
  assert.equal(await flags(), `"--listen" "${THERE}" "--enrol" "0.0.0.0:8444"`);
  await (await enrolling("0.0.0.0:9444")).apply(signal);
  assert.equal(await flags(), `"--listen" "${HERE}" "--enrol" "0.0.0.0:9444"`);
});

test("another address changes the unit, and an installation of the fleet keeps it", async (context) => {
  const { install, fleet, unitText } = await world(context);
  await (await install("node", [HERE])).apply(signal);
  const moved = await install("node", [THERE]);
  assert.deepEqual([moved.step.kind, moved.before, moved.listen], ["update", [HERE], [THERE]]);
  await moved.apply(signal);
  await (await planChanges(fleet, framework, { listen: [], force: false })).apply(signal);
  assert.match((await unitText("mosaic-node.service")) ?? "", /"--listen" "http:\/\/127\.0\.0\.1:9999"/);
  await (await planChanges(fleet, framework, { listen: [HERE], force: false })).apply(signal);
  assert.match((await unitText("mosaic-node.service")) ?? "", /"--listen" "http:\/\/127\.0\.0\.1:8787"$/m);
});

test("what somebody else made is not replaced, and not removed", async (context) => {
  const { install, remove, files, host, unitText } = await world(context);
  const path = `${host.site.unitDirectory}/mosaic-aggregator.service`;
  await files.write(path, "[Service]\nExecStart=/bin/true\n", 0o644);
  await assert.rejects(install("aggregator", [HERE]), (thrown) => MosaicError.from(thrown).code === "WOULD_OVERWRITE");
  const removal = await remove("aggregator", true);
  assert.deepEqual([removal.step.kind, removal.why], ["keep", "site-owned"]);
  await removal.apply(signal);
  assert.match((await unitText("mosaic-aggregator.service")) ?? "", /\/bin\/true/);
});

test("an aggregator's unit goes, disabled first; one that was changed stays without force", async (context) => {
  const { install, remove, units, unitText, files, host } = await world(context);
  await (await install("aggregator", [HERE])).apply(signal);
  const path = `${host.site.unitDirectory}/mosaic-aggregator.service`;
  await files.write(path, `${await unitText("mosaic-aggregator.service")}# mine\n`, 0o644);
  assert.deepEqual((await remove("aggregator")).why, "changed");
  units.calls.length = 0;
  await (await remove("aggregator", true)).apply(signal);
  assert.deepEqual(
    [units.calls, await unitText("mosaic-aggregator.service")],
    [["disable mosaic-aggregator.service", "reload"], undefined],
  );
});

test("the node of an installed fleet loses its address and stays", async (context) => {
  const { install, remove, fleet, unitText, audit } = await world(context);
  await (await planChanges(fleet, framework, { listen: [HERE], force: false })).apply(signal);
  const removal = await remove("node");
  assert.deepEqual([removal.step.kind, removal.before, removal.listen], ["update", [HERE], []]);
  await removal.apply(signal);
  assert.doesNotMatch((await unitText("mosaic-node.service")) ?? "--listen", /--listen/);
  assert.equal(audit.of("gateway.uninstall").length, 1);
  assert.equal((await install("node", [HERE])).enablement, "keep");
});
