import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "../errors.ts";
import { memberName, parseMembership } from "./parse-membership.ts";

const parse = (text: string) => parseMembership(text, "hosts.yaml");
const alpha = '{ targets: ["127.0.0.1:8787"], labels: { host: alpha, tenant: team-a } }';

function refusal(text: string): string {
  try {
    parse(text);
  } catch (thrown) {
    assert.ok(thrown instanceof MosaicError && thrown.code === "MEMBERSHIP_INVALID", String(thrown));
    assert.match(thrown.hint ?? "", /targets:/);
    return thrown.message;
  }
  return assert.fail(`accepted: ${text}`);
}

test("groups name nodes and aggregators, each with its addresses, best first", () => {
  const members = parse(`
- targets: ["127.0.0.1:8787", "unix:/run/alpha.sock"]
  labels: { host: alpha, tenant: team-a }
- targets: ["http://[::1]:8800"]
  labels: { host: site-2, role: aggregator }
`);
  assert.deepEqual(members, [
    {
      name: "alpha",
      tenantId: "team-a",
      role: "node",
      addresses: [
        { kind: "tcp", hostname: "127.0.0.1", port: 8787 },
        { kind: "unix", path: "/run/alpha.sock" },
      ],
    },
    { name: "site-2", tenantId: "", role: "aggregator", addresses: [{ kind: "tcp", hostname: "::1", port: 8800 }] },
  ]);
  assert.deepEqual(members.map(memberName), ["team-a/alpha", "site-2"]);
});

test("JSON is read as well, and [] is a fleet of no hosts", () => {
  assert.equal(parse(JSON.stringify([{ targets: ["127.0.0.1:1"], labels: { host: "a", tenant: "t" } }]))[0]?.name, "a");
  assert.deepEqual(parse("[]"), []);
});

test("a file that is empty, or no list, is not a fleet", () => {
  for (const text of ["", "# only a comment\n", "null"]) assert.match(refusal(text), /empty/);
  for (const text of ["alpha", "{}", "42"]) assert.match(refusal(text), /hosts\.yaml: it must be a list/);
  assert.match(refusal("- targets: [\n"), /^hosts\.yaml: /, "a file cut short");
});

test("a bad group is named by its number, with what is wrong", () => {
  const bad: [string, RegExp][] = [
    ["{ labels: { host: beta, tenant: team-a } }", /targets must be a list/],
    ["{ targets: [], labels: { host: beta, tenant: team-a } }", /targets is empty/],
    ['{ targets: ["10.0.0.1:8787"], labels: { host: beta, tenant: team-a } }', /not a loopback address/],
    ['{ targets: ["nonsense"], labels: { host: beta, tenant: team-a } }', /not an endpoint: "nonsense"/],
    ["{ targets: [8787], labels: { host: beta, tenant: team-a } }", /not an endpoint: "8787"/],
    ['{ targets: ["127.0.0.1:1"] }', /labels must be a mapping/],
    ['{ targets: ["127.0.0.1:1"], labels: { host: "", tenant: team-a } }', /labels\.host ""/],
    ['{ targets: ["127.0.0.1:1"], labels: { host: "a b", tenant: team-a } }', /labels\.host "a b"/],
    ['{ targets: ["127.0.0.1:1"], labels: { host: beta } }', /labels\.tenant ""/],
    ['{ targets: ["127.0.0.1:1"], labels: { host: beta, tenant: team-a, role: boss } }', /labels\.role is "boss"/],
    ['{ targets: ["127.0.0.1:1"], labels: { host: beta, tenant: team-a, colour: red } }', /unknown label "colour"/],
    ['{ targets: ["127.0.0.1:1"], labels: { host: 7, tenant: team-a } }', /labels\.host must be text/],
    ['{ targets: ["127.0.0.1:1"], labels: { host: beta, tenant: team-a }, target: x }', /unknown key "target"/],
    ["text", /must have targets and labels/],
  ];
  for (const [group, what] of bad) {
    const message = refusal(`[${alpha}, ${group}]`);
    assert.match(message, what);
    assert.match(message, /hosts\.yaml: group 2: /);
  }
});

test("a member that is there twice is refused; the same host name in two tenants is two members", () => {
  assert.match(refusal(`[${alpha}, ${alpha}]`), /node team-a\/alpha is there twice/);
  assert.equal(parse(`[${alpha}, ${alpha.replace("team-a", "team-b")}]`).length, 2);
});

test("a file made to blow up the parser is refused quickly", () => {
  const lines = ["a: &a [x,x,x,x,x,x,x,x,x]"];
  for (let index = 0; index < 8; index += 1) {
    const [from, to] = [String.fromCharCode(97 + index), String.fromCharCode(98 + index)];
    lines.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(",")}]`);
  }
  const startMs = performance.now();
  refusal(lines.join("\n"));
  assert.ok(performance.now() - startMs < 2000);
});
