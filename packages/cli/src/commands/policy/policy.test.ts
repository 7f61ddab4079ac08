import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { readFileCapped } from "../../io/read-input.ts";

const POLICY = `grants:
  - { role: operator, tenant: team-a, who: user/ada }
  - { role: observer, tenant: team-a, who: agent/ci-* }
  - { role: fleet-observer, who: tenant/ops/user/eve }
`;

function policyHome(context: TestContext, text: string | undefined) {
  const home = mkdtempSync(join(tmpdir(), "mosaic-policy-"));
  context.after(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, "fleet"));
  if (text !== undefined) writeFileSync(join(home, "fleet/policy.yaml"), text);
  return async (...argv: string[]) => {
    const io = { ...memoryIo(), readFile: readFileCapped };
    const exitCode = await runCli(["policy", ...argv, "--mosaic-home", home], io);
    return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
  };
}

test("a policy in order is shown with what it lets whom do", async (context) => {
  const policy = policyHome(context, POLICY);
  const { exitCode, stdout } = await policy("check");
  assert.equal(exitCode, 0);
  assert.match(stdout, /^tenant\/team-a\/user\/ada +operator +team-a +probe observe watch operate diagnose lifecycle$/m);
  assert.match(stdout, /^tenant\/ops\/user\/eve +fleet-observer +\(all\) +probe survey$/m);
  assert.match(stdout, /\n3 grants in .*policy\.yaml, all in order\.\n$/);
  const [first] = JSON.parse((await policy("check", "--json")).stdout).items;
  assert.deepEqual(first, {
    ...{ who: "tenant/team-a/user/ada", role: "operator", tenant_id: "team-a" },
    may: ["probe", "observe", "watch", "operate", "diagnose", "lifecycle"],
  });
});

test("a policy that can't be used, or is not there, is exit 1 and says what to do", async (context) => {
  const bad = await policyHome(context, "grants: [{ role: king, tenant: team-a, who: user/ada }]")("check");
  assert.equal(bad.exitCode, 1);
  assert.match(bad.stderr, /grant 1: role is "king"/);
  const none = await policyHome(context, undefined)("check");
  assert.equal(none.exitCode, 1);
  assert.match(none.stderr, /there is no policy at .*\n! ?hint|there is no policy at .*/);
});

test("a question is answered with exit 0 or 5, and what it rests on", async (context) => {
  const policy = policyHome(context, POLICY);
  const cases: readonly [string, string, string, number, RegExp][] = [
    ["user/ada", "operate", "team-a/alpha/lead", 0, /^allowed: tenant\/team-a\/user\/ada is operator in "team-a"\n/],
    ["user/ada", "send", "team-a/alpha/lead", 0, /signed by its caller/],
    [
      "tenant/team-a/user/ada",
      "Send",
      "team-b/beta/lead",
      5,
      /^denied: no grant lets tenant\/team-a\/user\/ada operate in "team-b"\n$/,
    ],
    ["spiffe://acme/tenant/team-a/agent/ci-7", "List", "team-a", 0, /is observer/],
    ["agent/ci-7", "lifecycle", "team-a/alpha/lead", 5, /^denied/],
    ["user/ada", "administer", "team-a", 5, /^denied/],
    ["tenant/ops/user/eve", "survey", "team-a", 0, /is fleet-observer/],
    ["aggregator/a1", "Send", "team-a/alpha/lead", 5, /an aggregator does nothing of its own/],
    ["aggregator/a1", "Watch", "team-a", 0, /relays/],
    ["user/ada", "Heartbeat", "team-a/alpha/lead", 5, /own socket/],
  ];
  for (const [who, what, target, exitCode, text] of cases) {
    const end = await policy("explain", who, what, target);
    assert.deepEqual([end.exitCode, end.stderr], [exitCode, ""], `${who} ${what} ${target}`);
    assert.match(end.stdout, text);
  }
  const { stdout } = await policy("explain", "user/ada", "Send", "team-a/alpha/lead", "--json");
  const { policy: path, ...rest } = JSON.parse(stdout);
  assert.match(path, /fleet\/policy\.yaml$/);
  assert.deepEqual(rest, {
    ...{ schema: "mosaic.policy.explain/1", complete: true, who: "user/ada", method: "Send", verb: "operate" },
    ...{
      target: "team-a/alpha/lead",
      allowed: true,
      because: `tenant/team-a/user/ada is operator in "team-a"`,
      needs_capability: true,
    },
  });
});

test("a question that can't be understood is exit 2, with near words", async (context) => {
  const policy = policyHome(context, POLICY);
  const misspelt = await policy("explain", "user/ada", "Sned", "team-a/alpha/lead");
  assert.equal(misspelt.exitCode, 2);
  assert.match(misspelt.stderr, /did you mean Send\?/);
  assert.equal((await policy("explain", "ada", "Send", "team-a/alpha/lead")).exitCode, 2);
  assert.equal((await policy("explain", "user/ada", "Send", "TEAM/alpha/lead")).exitCode, 2);
});
