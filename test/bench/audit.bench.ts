/** `mosaic audit verify` of 100,000 records with a signed checkpoint after every 1,000, from the start of the program to its answer; and
 *  one record written, durably. The floors are reading and hashing the same bytes, and one append with an fsync. */
import { execFile } from "node:child_process";
import { createHash, createPublicKey } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileAuditLog, systemClock } from "@mosaic/host";
import { createFleetCa, formatCredentials, type Identity, issueLeaf, newKey, pinOf, signCheckpoint } from "@mosaic/identity";
import { EMPTY_HEAD, lineHash } from "../../packages/host/src/audit/chain.ts";
import { auditLine } from "../../packages/host/src/audit-log.ts";
import { percentile, report, spreadOf, timed } from "./figures.ts";

const RECORDS = 100_000;
const RUNS = 5;
const WRITES = 300;
const IDENTITY: Identity = { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "h1" };
const MAIN = new URL("../../packages/cli/src/main.ts", import.meta.url).pathname;

const home = mkdtempSync(join(process.env["MOSAIC_BENCH_DISK"] ?? tmpdir(), "mosaic-bench-"));
const path = join(home, "fleet/audit.jsonl");
mkdirSync(join(home, "fleet/identity"), { recursive: true, mode: 0o700 });
mkdirSync(`${path}.signers`, { mode: 0o700 });
await writeLog();
const runs: number[] = [];
for (let run = 0; run < RUNS; run += 1) runs.push(await timed(verify));
const floors: number[] = [];
for (let run = 0; run < RUNS; run += 1)
  floors.push(await timed(async () => createHash("sha256").update(readFileSync(path)).digest("hex")));
report({
  name: "audit verify of 100,000 records with 100 signatures, program start to answer",
  ...{ value: percentile(runs, 0.5), unit: "ms", n: runs.length, spread: spreadOf(runs) },
  floor: { name: "reading and hashing the file as one", value: percentile(floors, 0.5) },
  goal: "under 5,000 ms",
});
const log = fileAuditLog({ path: join(home, "fleet/own.jsonl"), clock: systemClock });
const writes: number[] = [];
for (let n = 0; n < WRITES; n += 1) writes.push(await timed(() => log.record(entryOf(n))));
const appends: number[] = [];
const file = openSync(join(home, "floor"), "a", 0o600);
for (let n = 0; n < WRITES; n += 1) appends.push(await timed(async () => append(file)));
closeSync(file);
report({
  name: "one audit record, until it is on disk",
  ...{ value: percentile(writes, 0.5), unit: "ms", n: writes.length, spread: spreadOf(writes) },
  floor: { name: "an append of such a line with one fsync", value: percentile(appends, 0.5) },
});
rmSync(home, { recursive: true, force: true });

function entryOf(n: number) {
  const who = { actor: "spiffe://acme/tenant/team-a/user/ada", tenantId: "team-a", host: "alpha", agent: "lead" };
  return {
    ...who,
    action: "agent.reset",
    facts: { capability: `cap-${n}`, decision: "allowed", request_sha256: "a".repeat(64) },
  };
}

function append(file: number): void {
  writeSync(file, `${"x".repeat(480)}\n`);
  fsyncSync(file);
}

async function writeLog(): Promise<void> {
  const nowUnixMs = Date.now();
  const at = new Date(nowUnixMs).toISOString();
  const ca = await createFleetCa("acme", nowUnixMs - 86_400_000);
  const key = newKey();
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const chain = [await issueLeaf(ca.intermediate, { publicKey, identity: IDENTITY, nowUnixMs }), ca.intermediate.certificate];
  const keyId = chain[0] ? pinOf(chain[0]) : "";
  writeFileSync(join(home, "fleet/identity/roots.pem"), String(ca.root.certificate));
  writeFileSync(join(home, "fleet/identity/credentials.pem"), formatCredentials({ key, chain }), { mode: 0o600 });
  writeFileSync(join(`${path}.signers`, `${keyId}.pem`), chain.map(String).join(""));
  const lines: string[] = [];
  let head = EMPTY_HEAD;
  for (let index = 1; index <= RECORDS; index += 1) {
    const facts = { key_id: keyId, signature: "" };
    if (index % 1000 === 0) facts.signature = signCheckpoint({ index, prev: head.hash, at }, key);
    const entry = facts.signature === "" ? entryOf(index) : { ...entryOf(index), action: "audit.checkpoint", facts };
    const line = auditLine(entry, at, head);
    lines.push(line);
    head = { index, hash: lineHash(line) };
  }
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o600 });
}

async function verify(): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, "audit", "verify", "--json", "--mosaic-home", home]);
  const { records, problems, signed_through } = JSON.parse(stdout) as Record<string, unknown>;
  if (records !== RECORDS || signed_through !== RECORDS - 1 || (problems as unknown[]).length > 0)
    throw new Error(stdout.slice(0, 2000));
}
