import assert from "node:assert/strict";
import { test } from "node:test";
import { aPane, aReading } from "@mosaic/testkit";
import { Evidence, HeartbeatStatus } from "@mosaic/wire";
import { believe, livingReading } from "./heartbeat-reading.ts";

test("of two readings the newer is believed, whatever its evidence", () => {
  const hook = aReading({ atUnixMs: 10_000 });
  const file = aReading({ atUnixMs: 11_001, evidence: Evidence.FILE });
  assert.equal(believe(hook, file), file);
  assert.equal(believe(file, hook), file);
});

test("of two readings of the same moment the stronger evidence is believed", () => {
  const order = [Evidence.HOOK, Evidence.FILE, Evidence.SIDECAR, Evidence.SCREEN, Evidence.UNSPECIFIED];
  for (const [index, evidence] of order.entries()) {
    for (const weaker of order.slice(index + 1)) {
      const strong = aReading({ atUnixMs: 10_000, evidence });
      const weak = aReading({ atUnixMs: 11_000, evidence: weaker });
      assert.equal(believe(strong, weak), strong, `${evidence} against ${weaker}`);
      assert.equal(believe(weak, strong), strong, `${evidence} against ${weaker}`);
    }
  }
});

test("a single reading is believed, and none is none", () => {
  const only = aReading();
  assert.equal(believe(only, undefined), only);
  assert.equal(believe(undefined, only), only);
  assert.equal(believe(undefined, undefined), undefined);
});

test("a sidecar keeps fresh what a hook said, and never takes its place while the process lives", () => {
  const said = aReading({ atUnixMs: 10_000, status: HeartbeatStatus.WAITING, waitingFor: "permission", processPid: 42 });
  const lifeSign = aReading({ atUnixMs: 3_600_000, evidence: Evidence.SIDECAR, status: HeartbeatStatus.OK, intervalMs: 10_000 });
  for (const reading of [believe(said, lifeSign), believe(lifeSign, said)]) {
    assert.deepEqual(
      [reading?.status, reading?.waitingFor, reading?.evidence, reading?.atUnixMs, reading?.intervalMs],
      [HeartbeatStatus.WAITING, "permission", Evidence.HOOK, 3_600_000, 10_000],
    );
    assert.equal(livingReading(reading, aPane({ pid: 42 })), reading);
    assert.equal(livingReading(reading, aPane({ pid: 43 })), lifeSign, "another process is another agent");
    assert.equal(livingReading(reading, aPane({ pid: 42, isDead: true })), lifeSign);
    assert.equal(livingReading(reading, undefined), lifeSign);
  }
  assert.equal(livingReading(said, aPane({ pid: 43 })), undefined);
});

test("a runtime that promised an interval and broke it is outlived by its sidecar", () => {
  const said = aReading({ atUnixMs: 0, intervalMs: 1000, status: HeartbeatStatus.BUSY });
  const sign = (atUnixMs: number) => aReading({ atUnixMs, evidence: Evidence.SIDECAR });
  assert.equal(believe(said, sign(3000)), said);
  assert.notEqual(believe(said, sign(3001)), said);
});
