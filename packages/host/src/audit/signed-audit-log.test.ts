import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { silentLog } from "@mosaic/core";
import { eventually, FakeClock } from "@mosaic/testkit";
import { fileAuditLog } from "../audit-log.ts";
import { auditFiles, auditLines } from "./audit-files.ts";
import { readAuditHead } from "./audit-head.ts";
import { type AuditCheckpoint, verifyAudit } from "./chain.ts";
import { signersFolder } from "./file-audit-chain.ts";
import { type CheckpointPlace, type SignedAuditLogOptions, startSignedAuditLog } from "./signed-audit-log.ts";

const who = { actor: "mosaic-node", tenantId: "team-a", host: "alpha" };
const entry = { ...who, action: "agent.reset", agent: "lead" };
// As a signature: of this place, and of no other.
const seal = ({ index, prev, at }: CheckpointPlace) => createHash("sha256").update(`${index} ${prev} ${at}`).digest("base64url");
const judgeCheckpoint = (each: AuditCheckpoint) => (each.facts["signature"] === seal(each) ? undefined : "forged");

function logIn(context: TestContext, more: Partial<SignedAuditLogOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-signed-audit-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "audit.jsonl");
  const clock = new FakeClock();
  const signer = () => ({ keyId: "k1", certificatesPem: "certificates\n", sign: seal });
  const log = startSignedAuditLog({ path, clock, log: silentLog, signer, who, ...more });
  const actions = async () => {
    const found: string[] = [];
    for await (const { text } of auditLines(path)) found.push((JSON.parse(text) as { action: string }).action);
    return found;
  };
  const verify = async () => verifyAudit(auditLines(path), { head: await readAuditHead(path), judgeCheckpoint });
  return { path, folder, clock, log, actions, verify };
}

const CHECKPOINT = "audit.checkpoint";

test("a checkpoint follows so many records, signs all before it, and its certificates are kept", async (context) => {
  const { log, path, actions, verify } = logIn(context, { everyRecords: 3 });
  for (let n = 0; n < 4; n += 1) await log.record(entry);
  assert.deepEqual(await actions(), ["agent.reset", "agent.reset", "agent.reset", CHECKPOINT, "agent.reset"]);
  const report = await verify();
  assert.deepEqual([report.checkpoints, report.signedThrough, report.problems], [1, 3, []]);
  assert.equal(readFileSync(join(signersFolder(path), "k1.pem"), "utf8"), "certificates\n");
  await log[Symbol.asyncDispose]();
});

test("a checkpoint follows a record within its time, also one of another process, and none follows nothing", async (context) => {
  const { log, path, clock, actions } = logIn(context);
  await fileAuditLog({ path, clock }).record(entry);
  await clock.advance(60_000);
  await eventually("it is signed", async () => (await actions()).length === 2);
  await log.checkpoint();
  assert.deepEqual(await actions(), ["agent.reset", CHECKPOINT]);
  await log[Symbol.asyncDispose]();
  assert.deepEqual(await actions(), ["agent.reset", CHECKPOINT]);
});

test("what is not signed yet is signed when the daemon stops, and without credentials nothing is", async (context) => {
  const { log, actions } = logIn(context);
  await log.record(entry);
  await log[Symbol.asyncDispose]();
  assert.deepEqual(await actions(), ["agent.reset", CHECKPOINT]);
  const plain = logIn(context, { signer: () => undefined });
  await plain.log.record(entry);
  await plain.log.checkpoint();
  await plain.log[Symbol.asyncDispose]();
  assert.deepEqual(await plain.actions(), ["agent.reset"]);
});

test("a checkpoint that can't be written costs no record, and is said", async (context) => {
  const said: string[] = [];
  const log = { ...silentLog, warn: (_fields: object, text: string) => void said.push(text) };
  const folder = mkdtempSync(join(tmpdir(), "mosaic-signed-audit-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "audit.jsonl");
  const signer = () => ({ keyId: "k1", certificatesPem: "", sign: seal });
  const audit = startSignedAuditLog({ path, clock: new FakeClock(), log, signer, who, everyRecords: 1 });
  // Where the folder of certificates should be is a file.
  mkdirSync(join(signersFolder(path), "k1.pem"), { recursive: true });
  await audit.record(entry);
  assert.deepEqual(said, ["the audit log got no checkpoint; it is tried again"]);
  await audit[Symbol.asyncDispose]();
});

test("a file that is full goes on under another name, and the chain in a new one", async (context) => {
  const { log, path, folder, verify } = logIn(context, { maxFileBytes: 2000, everyRecords: 5 });
  for (let n = 0; n < 30; n += 1) await log.record({ ...entry, facts: { n } });
  const files = await auditFiles(path);
  assert.ok(files.length > 3, String(files));
  assert.equal(files.at(-1), path);
  for (const name of files) assert.ok(readFileSync(name).length <= 2000, name);
  const whole = await verify();
  assert.deepEqual([whole.records, whole.problems, whole.checkpoints], [36, [], 6]);
  // One of them is a part of the chain as any other.
  rmSync(files[1] ?? "");
  assert.equal((await verify()).problems[0]?.kind, "missing");
  assert.ok(readdirSync(folder).includes("audit.jsonl.signers"));
  await log[Symbol.asyncDispose]();
});

test("records that come at once are written together, in order, and into as many files as they need", async (context) => {
  const { log, path, verify } = logIn(context, { maxFileBytes: 2000, signer: () => undefined });
  await Promise.all(Array.from({ length: 200 }, (_, n) => log.record({ ...entry, facts: { n } })));
  const told: unknown[] = [];
  for await (const { text } of auditLines(path)) told.push((JSON.parse(text) as { facts: { n: number } }).facts.n);
  assert.deepEqual(
    told,
    Array.from({ length: 200 }, (_, n) => n),
  );
  for (const name of await auditFiles(path)) assert.ok(readFileSync(name).length <= 2000, name);
  const { records, problems } = await verify();
  assert.deepEqual([records, problems], [200, []]);
  // One that does not fit is refused alone.
  const odd = { ...entry, facts: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`${n}`, 1n as unknown as number])) };
  const outcomes = await Promise.allSettled([log.record(entry), log.record(odd), log.record(entry)]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  assert.deepEqual((await verify()).records, 202);
  await log[Symbol.asyncDispose]();
});

test("the chain goes on also when the place that was kept is lost just after a file was put aside", async (context) => {
  const { log, path, verify } = logIn(context, { signer: () => undefined });
  await log.record(entry);
  const { renameSync } = await import("node:fs");
  renameSync(path, `${path}.000000000001`);
  rmSync(`${path}.head`);
  await log.record(entry);
  const report = await verify();
  assert.deepEqual([report.records, report.head.index, report.problems], [2, 2, []]);
  await log[Symbol.asyncDispose]();
});

test("a checkpoint whose signature is of another place is found by its index", async (context) => {
  const signer = () => ({ keyId: "k1", certificatesPem: "", sign: () => "forged" });
  const { log, verify } = logIn(context, { signer });
  await log.record(entry);
  await log.checkpoint();
  const { problems, signedThrough } = await verify();
  assert.deepEqual([problems.map(({ kind, index }) => [kind, index]), signedThrough], [[["bad-checkpoint", 2]], 0]);
  await log[Symbol.asyncDispose]();
});
