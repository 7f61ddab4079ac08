/** The audit log that several aggregators share in a real PostgreSQL: one chain, signed by whoever writes, and looked through by
 *  `mosaic audit verify --store`. */
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { silentLog } from "@mosaic/core";
import { startSigning } from "@mosaic/host";
import { checkpointSigner, createFleetCa, type Identity, issueLeaf, newKey } from "@mosaic/identity";
import { eventually, realClock } from "@mosaic/testkit";
import type { Client } from "pg";
import { runCli } from "../../packages/cli/src/cli.ts";
import { memoryIo } from "../../packages/cli/src/io/memory-io.ts";
import { emptyDatabase } from "./empty-database.ts";
import { sharedPostgres } from "./shared-postgres.ts";

const postgres = sharedPostgres();

const who = { actor: "mosaic-aggregator", tenantId: "", host: "alpha" };
const entry = { action: "host.add", actor: "desk:operator", tenantId: "team-a", host: "alpha" };
const never = { ...realClock, sleep: () => new Promise<void>(() => {}) };

/** A database with two aggregators' logs in it, and somebody who looks through it with the fleet's roots. */
async function sharedAudit(context: TestContext) {
  const { gate, open, connect } = await emptyDatabase(postgres.server, context);
  const ca = await createFleetCa("acme", Date.now() - 3_600_000);
  const home = mkdtempSync(join(tmpdir(), "mosaic-shared-audit-"));
  context.after(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, "fleet/identity"), { recursive: true, mode: 0o700 });
  writeFileSync(join(home, "fleet/identity/roots.pem"), String(ca.root.certificate));
  const signerOf = async (identity: Identity) => {
    const key = newKey();
    const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
    const leaf = await issueLeaf(ca.intermediate, { publicKey, identity, nowUnixMs: Date.now() });
    return () => checkpointSigner({ key, chain: [leaf, ca.intermediate.certificate] });
  };
  const aggregator = async (id: string, identity: Identity = { kind: "aggregator", fleet: "acme", id }) => {
    const { auditChain } = await open({ ownId: id });
    return startSigning(auditChain, { clock: never, log: silentLog, signer: await signerOf(identity), who });
  };
  const mosaic = async (...argv: readonly string[]) => {
    const io = memoryIo({ clock: realClock });
    const exitCode = await runCli([...argv, "--store", gate.url, "--mosaic-home", home], io);
    return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
  };
  const verify = async (...argv: readonly string[]) => {
    const { exitCode, stdout, stderr } = await mosaic("audit", "verify", "--json", ...argv);
    assert.ok(stdout !== "", stderr);
    const { problems, ...verdict } = JSON.parse(stdout);
    const found = problems.map(({ kind, index }: { kind: string; index: number }) => `${kind} ${index}`);
    return { ...verdict, exitCode, found };
  };
  return { aggregator, mosaic, verify, connect, home, gate };
}

describe("an audit log that two aggregators share", { skip: postgres.skip }, () => {
  test("what both record at once is one chain without gaps, in the order of their commits, and any of them signs it", async (context) => {
    const { aggregator, mosaic, verify } = await sharedAudit(context);
    const [one, other] = [await aggregator("a-1"), await aggregator("a-2")];
    // Ten times three at once by each, so that they meet.
    const writes = async (log: typeof one) => {
      for (let turn = 0; turn < 10; turn += 1) await Promise.all([1, 2, 3].map((n) => log.record({ ...entry, facts: { n } })));
    };
    await Promise.all([writes(one), writes(other)]);
    await one.checkpoint();
    await other.checkpoint();
    await other.record({ ...entry, action: "host.remove", facts: { odd: "a\0b\ud800" } });
    await other.checkpoint();
    const { exitCode, found, records, checkpoints, signed_through, head } = await verify();
    assert.deepEqual([exitCode, found, records, checkpoints, signed_through, head.index], [0, [], 63, 2, 62, 63]);
    const listed = JSON.parse((await mosaic("audit", "list", "--json", "--action", "host")).stdout);
    assert.equal(listed.items.length, 61);
    assert.deepEqual(listed.items.at(-1).facts, { odd: "a\0b\ud800" });
    assert.doesNotMatch(listed.path, new RegExp(postgres.server.password));
  });

  const edits: readonly (readonly [what: string, sql: string, found: readonly string[]])[] = [
    ["edited", "UPDATE mosaic.audit_record SET line = replace(line, 'desk:', 'dusk:') WHERE id = 3", ["changed 3"]],
    ["taken out", "DELETE FROM mosaic.audit_record WHERE id = 4", ["missing 4"]],
    [
      "moved",
      "UPDATE mosaic.audit_record a SET line = b.line FROM mosaic.audit_record b WHERE (a.id, b.id) IN ((2, 3), (3, 2))",
      ["missing 2", "out-of-order 2"],
    ],
    [
      "edited, the last of them",
      "UPDATE mosaic.audit_record SET line = replace(line, 'desk:', 'dusk:') WHERE id = 6",
      ["changed 6"],
    ],
    ["cut off", "DELETE FROM mosaic.audit_record WHERE id >= 5", ["cut-off 5"]],
  ];
  for (const [what, sql, found] of edits) {
    test(`a record that was ${what} is found with its index`, async (context) => {
      const { aggregator, verify, connect } = await sharedAudit(context);
      const log = await aggregator("a-1");
      for (let n = 0; n < 6; n += 1) await log.record(entry);
      const by = await connect();
      assert.ok(((await by.query(sql)).rowCount ?? 0) > 0);
      const verdict = await verify();
      assert.deepEqual([verdict.found, verdict.exitCode], [found, 1]);
      // It goes on behind what was done to it, and does not hide it.
      await log.record(entry);
      assert.deepEqual((await verify()).found.slice(0, 1), what === "cut off" ? ["missing 5"] : found.slice(0, 1));
    });
  }

  test("records that were made anew, and a node's signature, do not pass for an aggregator's", async (context) => {
    const { aggregator, verify, connect } = await sharedAudit(context);
    const log = await aggregator("a-1");
    await log.record(entry);
    await log.checkpoint();
    const by = await connect();
    await makeAnew(by);
    assert.deepEqual((await verify()).found, ["bad-checkpoint 2"]);
    const node = await aggregator("a-2", { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "h1" });
    await node.record(entry);
    await node.checkpoint();
    assert.deepEqual((await verify()).found, ["bad-checkpoint 2", "bad-checkpoint 4"]);
  });

  test("an export is judged by the certificates in the database, and one who has nothing there finds nothing", async (context) => {
    const { aggregator, mosaic, verify, home, gate, connect } = await sharedAudit(context);
    assert.match((await mosaic("audit", "verify")).stdout, /no record/);
    const log = await aggregator("a-1");
    await log.record(entry);
    await log.checkpoint();
    const file = join(home, "shared.jsonl");
    assert.equal((await mosaic("audit", "export", "--file", file)).exitCode, 0);
    const { found, signed_through, exitCode } = await verify(file);
    assert.deepEqual([found, signed_through, exitCode], [[], 1, 0]);
    // What an older Mosaic writes beside stands in no chain, and is said to.
    await (await connect()).query(
      "INSERT INTO mosaic.audit (recorded_by, action, actor, tenant_id, host, facts) VALUES ('a-0', 'host.add', 'x', 't', 'h', '{}')",
    );
    assert.equal((await verify()).unchained, 1);
    gate.setOpen(false);
    const away = await mosaic("audit", "list");
    assert.match(away.stderr, /STORE_UNAVAILABLE|listen for changes|read the audit log/);
    assert.doesNotMatch(away.stderr, new RegExp(postgres.server.password));
  });

  test("while the database is away nothing is recorded, and it is an error", async (context) => {
    const { aggregator, verify, gate } = await sharedAudit(context);
    const log = await aggregator("a-1");
    await log.record(entry);
    gate.setOpen(false);
    await assert.rejects(log.record(entry), { code: "STORE_UNAVAILABLE" });
    gate.setOpen(true);
    // Each connection that broke is an error once, and there may be more than one.
    const isRecorded = async () => (await Promise.allSettled([log.record(entry)]))[0].status === "fulfilled";
    await eventually("it is recorded again", isRecorded);
    const { found, records } = await verify();
    assert.deepEqual([found, records], [[], 2]);
  });
});

// As somebody would who may write the database and has no key: another actor, and every hash worked out again.
async function makeAnew(by: Client): Promise<void> {
  await by.query("UPDATE mosaic.audit_record SET line = replace(line, 'desk:', 'dusk:') WHERE id = 1");
  await by.query(`UPDATE mosaic.audit_record SET line = regexp_replace(line, '"prev":"[0-9a-f]{64}"',
    '"prev":"' || (SELECT encode(sha256(convert_to(line, 'UTF8')), 'hex') FROM mosaic.audit_record WHERE id = 1) || '"') WHERE id = 2`);
  await by.query(`UPDATE mosaic.audit_head SET (hash, line) =
    (SELECT encode(sha256(convert_to(line, 'UTF8')), 'hex'), line FROM mosaic.audit_record WHERE id = 2)`);
}
