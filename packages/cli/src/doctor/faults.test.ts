/** Plants faults on a sound host, one at a time, and holds the doctor to finding each by name, with what to type next. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { aRoster, FakeUnits } from "@mosaic/testkit";
import { ALL_CHECKS } from "./all-checks.ts";
import type { DoctorWorld } from "./doctor-world.ts";
import { HOME_FAULTS } from "./faults/home-faults-for-tests.ts";
import { MACHINE_FAULTS } from "./faults/machine-faults-for-tests.ts";
import { nodeUnit, type Planted } from "./faults/planted-fault-for-tests.ts";
import { SERVICE_FAULTS } from "./faults/service-faults-for-tests.ts";
import { TRUST_FAULTS } from "./faults/trust-faults-for-tests.ts";
import { anIntent, UPGRADE_FAULTS } from "./faults/upgrade-faults-for-tests.ts";
import { runChecks } from "./run-checks.ts";
import { LISTEN, soundNode, soundVersions, soundWorld } from "./sound-world-for-tests.ts";

const FAULTS = [...MACHINE_FAULTS, ...HOME_FAULTS, ...TRUST_FAULTS, ...UPGRADE_FAULTS, ...SERVICE_FAULTS];

async function plantedWorld(context: TestContext): Promise<Planted> {
  const units = new FakeUnits();
  return { ...(await soundWorld(context, { units, roster: aRoster([{ name: "lead", runtime: "claude" }]) })), units };
}

const amiss = async (world: DoctorWorld) =>
  (await runChecks(ALL_CHECKS, world)).filter(({ finding }) => finding.severity !== "ok" && finding.severity !== "none");

describe("the doctor", () => {
  test("finds nothing on a sound host", async (context) => {
    const found = await amiss(await plantedWorld(context));
    assert.deepEqual(
      found.map(({ check, finding }) => `${check.id}: ${finding.found}`),
      [],
    );
  });

  test("is held to at least 50 faults, which every check but one at most has a part in", () => {
    assert.ok(FAULTS.length >= 50, `${FAULTS.length}`);
    const proven = new Set(FAULTS.map(({ check }) => check));
    assert.deepEqual(
      ALL_CHECKS.map(({ id }) => id).filter((id) => !proven.has(id)),
      [],
    );
  });

  for (const { name, plant, check, severity = "bad", found, next, isMended = false } of FAULTS) {
    test(`${name}: ${check}`, async (context) => {
      const world = await plantedWorld(context);
      await plant(world);
      const fits = (await amiss(world)).filter((each) => each.check.id === check && found.test(each.finding.found));
      const [only] = fits.map(({ finding }) => finding);
      assert.ok(only, `not found; ${JSON.stringify((await amiss(world)).map((each) => [each.check.id, each.finding.found]))}`);
      assert.equal(only.severity, severity);
      assert.match(only.next, next);
      assert.equal(only.fix !== undefined, isMended, only.fix?.does);
      await only.fix?.apply();
      if (isMended)
        assert.deepEqual(
          (await amiss(world)).filter((each) => each.check.id === check).map(({ finding }) => finding.found),
          [],
        );
    });
  }

  test("leaves an upgrade that is under way alone", async (context) => {
    const world = await plantedWorld(context);
    world.versions = async () => soundVersions({ current: "1.1.0", intent: anIntent(world), isUnderWay: true });
    const found = (await amiss(world)).map(({ check, finding }) => [check.id, finding.next]);
    assert.deepEqual(found, [["version", "mosaic upgrade --list  # a change of versions is under way: wait for its end"]]);
  });

  test("does not hold the daemons of a clone to versions that lie beside it", async (context) => {
    const world = await plantedWorld(context);
    const own = { kind: "clone", folder: "/home/ada/mosaic" } as const;
    world.versions = async () => soundVersions({ own, current: "1.1.0" });
    assert.equal((await world.daemon("node")).info?.version, soundNode("/").info?.version);
    assert.deepEqual(await amiss(world), []);
  });

  test("takes an address that a unit says without a scheme for its daemon's own", async (context) => {
    const world = await plantedWorld(context);
    const text = (await world.files.read(nodeUnit(world))) ?? "";
    assert.ok(text.includes(LISTEN));
    await world.write(nodeUnit(world), text.replaceAll(LISTEN, LISTEN.replace("http://", "")));
    world.machine.isListening = async () => true;
    assert.deepEqual(
      (await amiss(world)).filter(({ check }) => check.id === "port").map(({ finding }) => finding.found),
      [],
    );
  });

  test("goes on with the others when one thing can't be looked at", async (context) => {
    const world = await plantedWorld(context);
    world.machine.tmuxVersion = () => Promise.reject(new MosaicError("MACHINE", "it hangs", { hint: "look" }));
    world.machine.inotify = () => {
      throw new TypeError("a fault of ours");
    };
    const found = await amiss(world);
    assert.deepEqual(
      found.map(({ check, finding }) => [check.id, finding.severity, finding.found, finding.next]),
      [
        ["tmux", "unknown", "it can't be looked at: it hangs", "look"],
        ["inotify", "unknown", "it can't be looked at: a fault of ours", ""],
      ],
    );
  });

  test("names headings that are in the runbook", () => {
    const runbook = readFileSync(new URL("../../../../docs/runbook.md", import.meta.url), "utf8");
    const headings = new Set([...runbook.matchAll(/^##? (.+)$/gm)].map(([, heading]) => heading));
    const missing = new Set(ALL_CHECKS.map(({ runbook: heading }) => heading).filter((heading) => !headings.has(heading)));
    assert.deepEqual([...missing], []);
  });
});
