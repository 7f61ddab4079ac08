import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { systemClock } from "@mosaic/host";
import { readVerifications } from "./read-verifications.ts";
import { appendVerification, verificationLogPath } from "./verification-log.ts";

function temporaryLog() {
  const home = mkdtempSync(join(tmpdir(), "mosaic-verification-"));
  const path = verificationLogPath(home);
  const add = (action: string) =>
    appendVerification(path, { action, actor: "desk:operator", tenantId: "team-a", host: "alpha", facts: {} }, systemClock);
  return { path, add, read: () => readVerifications(path), [Symbol.dispose]: () => rmSync(home, { recursive: true }) };
}

describe("the verification log", () => {
  test("keeps one chain of what several wrote at once", async () => {
    using log = temporaryLog();
    await Promise.all(["gate.verdict", "upgrade.begin", "upgrade.verdict"].map(log.add));
    const { items, problems, fragment_count } = await log.read();
    assert.deepEqual(items.map(({ action }) => action).sort(), ["gate.verdict", "upgrade.begin", "upgrade.verdict"]);
    assert.deepEqual([problems, fragment_count], [[], 0]);
  });

  test("passes over half a line that a crash left, and counts it", async () => {
    using log = temporaryLog();
    await log.add("gate.verdict");
    appendFileSync(log.path, '{"index":2,"pre');
    await log.add("gate.verdict");
    const { items, problems, fragment_count } = await log.read();
    assert.deepEqual([items.length, problems, fragment_count], [2, [], 1]);
  });

  test("tells a line that was changed, taken out, or cut off at the end", async () => {
    using log = temporaryLog();
    for (const action of ["gate.a", "gate.b", "gate.c"]) await log.add(action);
    const lines = readFileSync(log.path, "utf8").trimEnd().split("\n");
    const kindsFor = async (text: string) => {
      writeFileSync(log.path, text);
      return (await log.read()).problems.map(({ kind }) => kind);
    };
    assert.deepEqual(await kindsFor(`${lines.join("\n").replace("gate.a", "gate.x")}\n`), ["changed"]);
    assert.deepEqual(await kindsFor(`${lines.toSpliced(1, 1).join("\n")}\n`), ["missing"]);
    assert.deepEqual(await kindsFor(`${lines.slice(0, 2).join("\n")}\n`), ["cut-off"]);
  });

  test("that is not there yet is empty", async () => {
    using log = temporaryLog();
    assert.deepEqual((await log.read()).items, []);
  });
});
