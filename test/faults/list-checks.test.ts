/** The checkers of these experiments find what they are there to find. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { AgentSchema, HostState, type HostStatus, HostStatusSchema, type ListResponse, ListResponseSchema } from "@mosaic/wire";
import { assertClean, newFindings } from "./experiment.ts";
import { FaultLedger } from "./fault-ledger.ts";
import { checkAges, checkRows, type HeardHosts } from "./list-checks.ts";

const EXPECTED = ["alpha", "beta"].map((name) => ({ tenantId: "team-a", name, agents: ["coder0", "coder1"], port: 0 }));

function statusOf(host: string, fields: Partial<HostStatus> = {}): HostStatus {
  const usual = { tenantId: "team-a", host, hostId: `id-${host}`, state: HostState.LIVE, asOfUnixMs: 1n, agentCount: 2 };
  return create(HostStatusSchema, { ...usual, ...(fields as object) });
}

function answerOf(hosts: readonly HostStatus[], lost: readonly string[] = []): ListResponse {
  const rows = hosts.flatMap(({ host, agentCount }) =>
    ["coder0", "coder1"].slice(0, agentCount).map((name) => create(AgentSchema, { tenantId: "team-a", host, name })),
  );
  const agents = rows.filter((row) => !lost.includes(`${row.host}/${row.name}`));
  return create(ListResponseSchema, { hosts: [...hosts], agents, epoch: "e" });
}

function checked(answers: readonly ListResponse[]): { readonly missing: number; readonly found: readonly string[] } {
  const findings = newFindings();
  const heard: HeardHosts = new Map();
  const claims = { expected: EXPECTED, ledger: new FaultLedger() };
  const missing = answers
    .map((answer) => checkRows(answer, performance.now(), claims, heard, findings))
    .reduce((sum, one) => sum + one, 0);
  return { missing, found: findings.found.map(({ what }) => what) };
}

test("C1: an answer that names every host with all its rows is clean", () => {
  assert.deepEqual(checked([answerOf([statusOf("alpha"), statusOf("beta")])]), { missing: 0, found: [] });
});

for (const [what, answers, wanted] of [
  ["a host that is not named", [answerOf([statusOf("alpha")])], /beta is not named/],
  ["a host that is named twice", [answerOf([statusOf("alpha"), statusOf("alpha"), statusOf("beta")])], /alpha is named 2 times/],
  ["a row that the status counts", [answerOf([statusOf("alpha"), statusOf("beta")], ["beta/coder1"])], /says 2 rows and shows 1/],
  ["a row that nobody counts", [answerOf([statusOf("alpha"), statusOf("beta", { agentCount: 1 })])], /beta lacks 1 rows: coder1/],
  [
    "a host that is forgotten by who had heard it",
    [
      answerOf([statusOf("alpha"), statusOf("beta")]),
      answerOf([statusOf("alpha"), statusOf("beta", { asOfUnixMs: 0n, agentCount: 0, state: HostState.NEVER_SEEN })]),
    ],
    /beta was heard before/,
  ],
  [
    "a host that is LIVE and was never heard",
    [answerOf([statusOf("alpha"), statusOf("beta", { asOfUnixMs: 0n, agentCount: 0 })])],
    /beta is in state LIVE and was never heard/,
  ],
] as const) {
  test(`C1 finds ${what}`, () => {
    const { missing, found } = checked(answers);
    assert.equal(missing, 1);
    assert.match(found[0] ?? "", wanted);
  });
}

for (const [what, fields, silentMs, wanted] of [
  ["a host that is LIVE after its bound", { ageMs: 10_500n }, 10_500, /is LIVE 10500 ms after/],
  ["a host whose age outgrew LIVE", { ageMs: 20_000n }, undefined, /is LIVE at an age of 20000 ms/],
  [
    "an age that nobody can know",
    { state: HostState.STALE, ageMs: 100n },
    9000,
    /at an age of 100 ms, nothing came from it for 9000 ms/,
  ],
  ["nothing wrong with a host that is old and says so", { state: HostState.STALE, ageMs: 9100n }, 9000, undefined],
] as const) {
  test(`C2 finds ${what}`, () => {
    const findings = newFindings();
    const ledger = new FaultLedger();
    if (silentMs !== undefined) ledger.silence(["alpha"]);
    const sinceMs = ledger.silentSinceMs("alpha");
    const silentSinceMs = new Map(sinceMs === undefined ? [] : [["alpha", sinceMs] as const]);
    const asked = { atMs: (sinceMs ?? 0) + (silentMs ?? 0), silentSinceMs };
    checkAges(answerOf([statusOf("alpha", fields as Partial<HostStatus>)]), asked, { expected: EXPECTED, ledger }, findings);
    if (wanted) assert.match(findings.found[0]?.what ?? "", wanted);
    else assert.deepEqual(findings.found, []);
  });
}

test("a checker that looked at nothing is no proof", () => {
  assert.throws(() => assertClean(newFindings(), ["C1"]), /C1 looked at nothing/);
});
