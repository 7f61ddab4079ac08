import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "@mosaic/core";
import { FakeFiles, settle } from "@mosaic/testkit";
import { acme, NOW_MS } from "./certificates-for-tests.ts";
import { formatCredentials } from "./credentials.ts";
import { createFleetCa, type FleetCa, issueLeaf, publicKeyOf } from "./fleet-ca.ts";
import { openFleetIdentity } from "./fleet-identity.ts";
import { openFleetPolicy } from "./fleet-policy.ts";
import { newKey } from "./key-pair.ts";

const FOLDER = "/m/fleet/identity";
const POLICY = "/m/fleet/policy.yaml";

async function credentialsText(ca: FleetCa, name: string, ttlMs?: number): Promise<string> {
  const key = newKey();
  const identity = { kind: "user", fleet: "acme", tenantId: "team-a", name } as const;
  const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs: NOW_MS, ttlMs });
  return formatCredentials({ key, chain: [leaf, ca.intermediate.certificate] });
}

async function opened(files: FakeFiles, nowUnixMs = NOW_MS) {
  return await openFleetIdentity({ files, log: silentLog, clock: { nowUnixMs: () => nowUnixMs }, folder: FOLDER });
}

test("a home without credentials has no identity, and one with credentials and no roots is refused", async () => {
  const files = new FakeFiles();
  assert.equal(await opened(files), undefined);
  files.write(`${FOLDER}/credentials.pem`, await credentialsText(await acme(), "ada"));
  await assert.rejects(opened(files), /no roots\.pem/);
});

test("new credentials take effect and are told; bad ones are a problem, and the last good ones stay", async () => {
  const files = new FakeFiles();
  const ca = await acme();
  files.write(`${FOLDER}/roots.pem`, String(ca.root.certificate));
  files.write(`${FOLDER}/credentials.pem`, await credentialsText(ca, "ada"));
  using identity = await opened(files);
  assert.ok(identity);
  let changes = 0;
  using _ = identity.onChange(() => {
    changes += 1;
  });
  const before = identity.credentials;
  files.write(`${FOLDER}/credentials.pem`, await credentialsText(ca, "bob"));
  await settle();
  assert.deepEqual(
    [identity.credentials.identity.kind === "user" && identity.credentials.identity.name, changes > 0],
    ["bob", true],
  );
  assert.notEqual(identity.credentials, before);
  files.write(`${FOLDER}/credentials.pem`, "half of it");
  await settle();
  assert.ok(identity.problem);
  assert.equal(identity.credentials.identity.kind === "user" && identity.credentials.identity.name, "bob");
});

test("credentials that a new root has signed may come before that root", async () => {
  const files = new FakeFiles();
  const [old, fresh] = [await acme(), await createFleetCa("acme", NOW_MS)];
  files.write(`${FOLDER}/roots.pem`, String(old.root.certificate));
  files.write(`${FOLDER}/credentials.pem`, await credentialsText(old, "ada"));
  using identity = await opened(files);
  files.write(`${FOLDER}/credentials.pem`, await credentialsText(fresh, "ada"));
  await settle();
  assert.match(identity?.problem?.message ?? "", /no authority of this fleet/);
  files.write(`${FOLDER}/roots.pem`, `${old.root.certificate}\n${fresh.root.certificate}`);
  for (let turn = 0; turn < 3; turn += 1) await settle();
  assert.deepEqual([identity?.problem, identity?.trust.roots.length], [undefined, 2]);
});

test("an identity that has ended is opened all the same: it can be renewed", async () => {
  const files = new FakeFiles();
  const ca = await acme();
  files.write(`${FOLDER}/roots.pem`, String(ca.root.certificate));
  files.write(`${FOLDER}/credentials.pem`, await credentialsText(ca, "ada", 1000));
  using identity = await opened(files, NOW_MS + 3_600_000);
  assert.equal(identity?.credentials.identity.kind, "user");
});

test("without a policy nobody may do anything, until there is one; one that is spoilt later does not take it away", async () => {
  const files = new FakeFiles();
  using policy = await openFleetPolicy(files, silentLog, POLICY);
  assert.deepEqual([policy.policy.grants, /no policy at/.test(policy.problem?.message ?? "")], [[], true]);
  files.write(POLICY, "grants: [{ role: admin, tenant: team-a, who: user/ada }]");
  for (let turn = 0; turn < 3; turn += 1) await settle();
  assert.deepEqual([policy.policy.grants.length, policy.problem], [1, undefined]);
  files.write(POLICY, "grants: maybe");
  await settle();
  assert.deepEqual([policy.policy.grants.length, policy.problem?.code], [1, "POLICY_INVALID"]);
});
