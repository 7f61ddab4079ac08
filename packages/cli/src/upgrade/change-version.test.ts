import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { type ChangeWorld, changeVersion } from "./change-version.ts";
import type { Intent } from "./intent.ts";
import type { RestartOutcome } from "./restart-daemons.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Target } from "./target.ts";

const version = (name: string) => ({ kind: "version", version: name }) as const;

const wanted = (verb: Intent["verb"] = "upgrade"): Intent & { readonly to: Target } => ({
  ...{ schema: "mosaic.upgrade.intent/1", id: "1", verb, phase: "installing", mosaic_home: "/home/ada/.config/mosaic" },
  ...{ from: version("1.0.0"), to: version("2.0.0"), sha256: "", before: null, by_hand: [] },
  ...{ started_at: "2026-01-01T00:00:00Z", pid: 1, actor: "desk:operator" },
});

interface FakeHost {
  readonly world: ChangeWorld;
  /** What was done and put on record, in order. */
  readonly steps: string[];
  /** The version that is used, and the one that the node runs. */
  used: string;
  node: string;
  kept: Intent | undefined;
}

/** A host whose node answers with the version that was last started, unless that is a broken one. */
function fakeHost(broken: string[] = [], killAt?: string): FakeHost {
  const steps: string[] = [];
  let nowMs = 0;
  const step = (name: string) => {
    steps.push(name);
    if (name === killAt) throw new Error("killed");
  };
  const host: FakeHost = {
    ...{ steps, used: "1.0.0", node: "1.0.0", kept: undefined },
    world: {
      async snapshot(): Promise<Snapshot> {
        const answers = host.node !== "";
        return {
          daemons: [{ role: "node", answers, version: host.node, pid: answers ? 7 : null }],
          hosts: [{ host: "alpha", state: "LIVE" }],
          agents: [{ name: "lead", live: true, why: "", pid: 21 }],
          ...{ conditions: [], mesh: null, problem: "" },
        };
      },
      async switchTo(target, replaced) {
        host.used = target.version;
        step(`switch ${target.version}${replaced === undefined ? "" : ` replacing ${replaced}`}`);
      },
      async refreshUnits(target) {
        step(`units ${target.version}`);
        return { changed: [], problems: [] };
      },
      daemonsByHand: async () => [],
      async restartDaemons(target): Promise<readonly RestartOutcome[]> {
        const isBroken = broken.includes(target.version);
        host.node = isBroken ? "" : target.version;
        step(`restart ${target.version}`);
        return [{ role: "node", outcome: isBroken ? "failed" : "restarted", detail: isBroken ? "it ended" : "" }];
      },
      async keep(intent) {
        host.kept = intent;
        step(`keep ${intent.phase}`);
      },
      async drop() {
        host.kept = undefined;
      },
      log: { record: async (name) => step(name) },
      say: () => {},
      clock: {
        monotonicMs: () => nowMs,
        sleep: async (ms) => {
          nowMs += ms;
        },
      },
      signal: new AbortController().signal,
      waitMs: 60_000,
    },
  };
  return host;
}

test("an upgrade looks, switches, writes units, restarts daemons and looks again, each step on record before the next", async () => {
  const host = fakeHost();
  const change = await changeVersion(host.world, wanted());
  assert.equal(change.verdict, "kept");
  assert.deepEqual(host.steps, [
    ...["before", "keep switching", "switch 2.0.0 replacing 1.0.0", "switched", "keep verifying", "units 2.0.0", "restart 2.0.0"],
    ...["after", "verdict"],
  ]);
  assert.equal(host.kept, undefined);
});

test("an upgrade whose node does not come up is undone, and says what was worse", async () => {
  const host = fakeHost(["2.0.0"]);
  const change = await changeVersion(host.world, wanted());
  assert.equal(change.verdict, "undone");
  assert.deepEqual(change.worse, ["mosaic-node did not start: it ended"]);
  assert.deepEqual(change.stillWorse, []);
  assert.deepEqual([host.used, host.node, host.kept], ["1.0.0", "1.0.0", undefined]);
  assert.deepEqual(host.steps.slice(host.steps.indexOf("after")), [
    ...["after", "keep undoing", "undoing", "switch 1.0.0", "switched", "units 1.0.0", "restart 1.0.0", "undone", "verdict"],
  ]);
});

test("a rollback that is worse stays, and says so: there is nothing better to go to", async () => {
  const host = fakeHost(["2.0.0"]);
  const change = await changeVersion(host.world, wanted("rollback"));
  assert.deepEqual([change.verdict, host.used], ["worse", "2.0.0"]);
});

test("killed at any step after the first, the same command completes the change, and compares with how it stood before", async () => {
  const whole = fakeHost();
  await changeVersion(whole.world, wanted());
  for (const at of whole.steps.slice(2, -1)) {
    const host = fakeHost([], at);
    await assert.rejects(changeVersion(host.world, wanted()), { message: /is half done: killed/ }, at);
    const again = fakeHost();
    Object.assign(again, { used: host.used, node: host.node });
    assert.ok(host.kept, at);
    const change = await changeVersion(again.world, { ...host.kept, to: version("2.0.0") });
    assert.equal(change.verdict, "kept", at);
    assert.deepEqual([again.used, again.node], ["2.0.0", "2.0.0"], at);
    assert.equal(change.before.daemons[0]?.version, "1.0.0", at);
    assert.equal(again.steps[0], "resumed", at);
  }
});

test("killed while it is undone, the same command goes on undoing", async () => {
  const host = fakeHost(["2.0.0"], "units 1.0.0");
  await assert.rejects(changeVersion(host.world, wanted()));
  assert.equal(host.kept?.phase, "undoing");
  const again = fakeHost();
  const change = await changeVersion(again.world, { ...(host.kept as Intent), to: version("2.0.0") });
  assert.deepEqual([change.verdict, again.used, again.node], ["undone", "1.0.0", "1.0.0"]);
});

test("a daemon that ends and is started over and over does not count as one that answers", async () => {
  const host = fakeHost();
  let pid = 0;
  const { snapshot } = host.world;
  const flapping = async () => {
    const seen = await snapshot();
    pid += 1;
    return host.used === "1.0.0" ? seen : { ...seen, daemons: seen.daemons.map((daemon) => ({ ...daemon, pid })) };
  };
  const change = await changeVersion({ ...host.world, snapshot: flapping }, wanted());
  assert.equal(change.verdict, "undone");
  assert.deepEqual(change.worse, ["a daemon ends and is started over and over"]);
});

test("what is interrupted says how to go on and how to go back", async () => {
  const host = fakeHost();
  const interrupted = async () => {
    throw new MosaicError("CANCELLED", "interrupted");
  };
  await assert.rejects(changeVersion({ ...host.world, restartDaemons: interrupted }, wanted()), {
    code: "CANCELLED",
    message: "the upgrade to 2.0.0 is half done: interrupted",
    hint: "mosaic upgrade 2.0.0 goes on, mosaic rollback goes back to 1.0.0",
  });
  assert.equal(host.kept?.phase, "verifying");
});

test("what can't be put on record is not done", async () => {
  const host = fakeHost([], "before");
  await assert.rejects(changeVersion(host.world, wanted()));
  assert.deepEqual([host.used, host.kept], ["1.0.0", undefined]);
});
