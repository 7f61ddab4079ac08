import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { silentLog } from "@mosaic/core";
import { fileAuditChain, startSignedAuditLog } from "@mosaic/host";
import { createFleetCa, formatCredentials, type Identity, issueLeaf, newKey, pinOf, signCheckpoint } from "@mosaic/identity";
import { auditHome, NOW_MS } from "./home-for-tests.ts";

const IDENTITY: Identity = { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "h1" };

test("a log as it was written is exit 0, and says what it does not prove", async (context) => {
  const home = auditHome(context);
  for (let n = 0; n < 3; n += 1) await home.record();
  const { exitCode, stdout } = await home.mosaic("audit", "verify");
  assert.equal(exitCode, 0);
  assert.match(
    stdout,
    /audit\.jsonl: 3 records, all as they were written\.\nIt ends with 3:[0-9a-f]{64}; 0 checkpoints\.\nIt does not prove:\n/,
  );
  assert.match(stdout, /no checkpoint: whoever may write the file can make the whole chain anew/);
  assert.match(stdout, /whoever has this host's key/);
});

test("every problem is told with index, kind and line, and is exit 1", async (context) => {
  const home = auditHome(context);
  for (let n = 0; n < 5; n += 1) await home.record();
  const lines = readFileSync(home.path, "utf8").split("\n");
  writeFileSync(
    home.path,
    lines
      .with(1, lines[1]?.replace("lead", "dael") ?? "")
      .toSpliced(3, 1)
      .join("\n"),
  );
  const { exitCode, stdout } = await home.mosaic("audit", "verify", "--json");
  assert.equal(exitCode, 1);
  const { problems, limits, ...rest } = JSON.parse(stdout);
  assert.deepEqual(problems, [
    { kind: "changed", index: 2, file: home.path, line: 3, detail: "record 3 continues from another one than stands there" },
    { kind: "missing", index: 4, file: home.path, line: 4, detail: "record 4 is not there" },
  ]);
  assert.ok(Array.isArray(limits));
  assert.deepEqual(Object.keys(rest), [
    ...["schema", "complete", "path", "files", "records", "unchained", "fragments", "checkpoints", "signed_through"],
    ...["head", "problem_count"],
  ]);
  const { stdout: text } = await home.mosaic("audit", "verify");
  assert.match(text, /^changed record 2 \(.*audit\.jsonl:3\): .*\nmissing record 4 \(.*:4\): .*\n.*4 records, 2 problems\.\n/);
});

test("a log of which nobody kept the end says so", async (context) => {
  const home = auditHome(context);
  await home.record();
  rmSync(`${home.path}.head`);
  assert.match((await home.mosaic("audit", "verify")).stdout, /nobody kept where it ended/);
});

test("an export is looked through in place of the log, whole or from a known place on", async (context) => {
  const home = auditHome(context);
  for (let n = 0; n < 4; n += 1) await home.record();
  const all = await home.mosaic("audit", "export");
  assert.equal(all.exitCode, 0);
  assert.equal(all.stdout.split("\n").slice(0, 4).join("\n"), readFileSync(home.path, "utf8").trimEnd());
  const [, hash = ""] = /"index":4,"hash":"([0-9a-f]{64})"\}\n$/.exec(all.stdout) ?? [];
  const whole = join(home.home, "whole.jsonl");
  const saved = await home.mosaic("audit", "export", "--file", whole, "--json");
  assert.deepEqual(JSON.parse(saved.stdout), {
    ...{ schema: "mosaic.audit.export/1", complete: true, path: whole, after: 0, records: 4, head: { index: 4, hash } },
  });
  assert.equal((await home.mosaic("audit", "export", "--file", whole)).exitCode, 1);
  assert.equal((await home.mosaic("audit", "verify", whole)).exitCode, 0);
  const text = readFileSync(whole, "utf8").split("\n");
  writeFileSync(whole, text.toSpliced(3, 1).join("\n"));
  assert.match((await home.mosaic("audit", "verify", whole)).stdout, /^cut-off record 4 /);
  const part = join(home.home, "part.jsonl");
  await home.mosaic("audit", "export", "--after", "2", "--file", part);
  assert.match((await home.mosaic("audit", "verify", part)).stdout, /^missing record 1 .*records 1 to 2 are not there\n/);
  const known = JSON.parse(text[2] ?? "{}").prev;
  assert.equal((await home.mosaic("audit", "verify", part, "--known", `2:${known}`)).exitCode, 0);
  assert.equal((await home.mosaic("audit", "verify", "--known", `4:${"0".repeat(64)}`)).exitCode, 1);
  assert.equal((await home.mosaic("audit", "verify", "--known", "4")).exitCode, 2);
});

test("a log that is named is held to the place that is kept beside it, with what was put aside of it", async (context) => {
  const [home, other] = [auditHome(context), auditHome(context)];
  for (let n = 0; n < 5; n += 1) await other.record();
  const problems = async (path = other.path) => {
    const { exitCode, stdout } = await home.mosaic("audit", "verify", path, "--json");
    const { problems, limits, files } = JSON.parse(stdout);
    const found = problems.map(({ kind, index }: { kind: string; index: number }) => `${kind} ${index}`);
    return { exitCode, found, isEndKnown: !limits.some((limit: string) => /nobody kept where it ended/.test(limit)), files };
  };
  assert.deepEqual(await problems(), { exitCode: 0, found: [], isEndKnown: true, files: [other.path] });
  const lines = readFileSync(other.path, "utf8").trimEnd().split("\n");
  const aside = `${other.path}.000000000002`;
  writeFileSync(aside, `${lines.slice(0, 2).join("\n")}\n`);
  writeFileSync(other.path, `${lines.slice(2, 4).join("\n")}\n`);
  assert.deepEqual(await problems(), { exitCode: 1, found: ["cut-off 5"], isEndKnown: true, files: [aside, other.path] });
  rmSync(other.path);
  assert.deepEqual((await problems()).found, ["cut-off 3"]);
  // An export in the place of the log says where it ends too.
  writeFileSync(other.path, `${lines.join("\n")}\n{"schema":"mosaic.audit.head/1","index":6,"hash":"${"0".repeat(64)}"}\n`);
  rmSync(aside);
  assert.deepEqual((await problems()).found, ["cut-off 6"]);
  assert.deepEqual((await problems(`${dirname(other.path)}/./audit.jsonl`)).found, ["cut-off 6"]);
  writeFileSync(other.path, lines.slice(0, 4).join("\n"));
  rmSync(`${other.path}.head`);
  assert.deepEqual(await problems(), { exitCode: 0, found: [], isEndKnown: false, files: [other.path] });
});

test("checkpoints are judged by the fleet's roots, and what they sign can't be made anew", async (context) => {
  const home = auditHome(context);
  const ca = await createFleetCa("acme", NOW_MS - 86_400_000);
  const key = newKey();
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const leaf = await issueLeaf(ca.intermediate, { publicKey, identity: IDENTITY, nowUnixMs: NOW_MS });
  const chain = [leaf, ca.intermediate.certificate];
  const folder = join(home.home, "fleet/identity");
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, "roots.pem"), String(ca.root.certificate));
  writeFileSync(join(folder, "credentials.pem"), formatCredentials({ key, chain }), { mode: 0o600 });
  const log = startSignedAuditLog({
    ...{ path: home.path, clock: { ...home.clock, sleep: () => new Promise<void>(() => {}) }, log: silentLog },
    signer: () => ({
      keyId: pinOf(leaf),
      certificatesPem: chain.map(String).join(""),
      sign: (place) => signCheckpoint(place, key),
    }),
    who: { actor: "mosaic-node", tenantId: "team-a", host: "alpha" },
  });
  await home.record();
  await log.checkpoint();
  const good = JSON.parse((await home.mosaic("audit", "verify", "--json")).stdout);
  assert.deepEqual([good.problems, good.checkpoints, good.signed_through], [[], 1, 1]);
  // Twelve hours later the same key has another certificate: what it signed before it still holds.
  const renewedAtMs = NOW_MS + 12 * 3_600_000;
  const renewed = await issueLeaf(ca.intermediate, { publicKey, identity: IDENTITY, nowUnixMs: renewedAtMs });
  const certificatesPem = [renewed, ca.intermediate.certificate].map(String).join("");
  await fileAuditChain({ path: home.path, clock: home.clock }).keepSigner({ keyId: pinOf(leaf), certificatesPem });
  const later = JSON.parse((await home.mosaic("audit", "verify", "--json")).stdout);
  assert.deepEqual([later.problems, later.signed_through], [[], 1]);
  // After the fleet's root was changed, what was signed under the old one is judged by that, when it is named.
  const [own, old] = [join(folder, "roots.pem"), join(home.home, "old-root.pem")];
  writeFileSync(old, String(ca.root.certificate));
  writeFileSync(own, String((await createFleetCa("acme", NOW_MS)).root.certificate));
  assert.match((await home.mosaic("audit", "verify")).stdout, /bad-checkpoint record 2 .*no authority of this fleet/);
  assert.equal((await home.mosaic("audit", "verify", "--root", old)).exitCode, 0);
  assert.equal((await home.mosaic("audit", "verify", "--root", join(home.home, "none.pem"))).exitCode, 2);
  writeFileSync(own, String(ca.root.certificate));
  // The whole chain is made anew, with the old signature.
  const [, checkpoint = ""] = readFileSync(home.path, "utf8").split("\n");
  rmSync(home.path);
  rmSync(`${home.path}.head`);
  await home.record({ actor: "nobody" });
  const { facts, action } = JSON.parse(checkpoint);
  await home.record({ action, facts });
  const forged = await home.mosaic("audit", "verify", "--json");
  assert.equal(forged.exitCode, 1);
  assert.deepEqual(
    JSON.parse(forged.stdout).problems.map(({ kind, index, detail }: Record<string, unknown>) => [kind, index, detail]),
    [["bad-checkpoint", 2, "its signature does not hold"]],
  );
});
