import assert from "node:assert/strict";
import { test } from "node:test";
import type { PresenceResponseJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const agent = { tenantId: "team-a", host: "alpha", name: "lead" };
const REPLY: PresenceResponseJson = {
  hosts: [
    { tenantId: "team-a", host: "alpha", hostId: "h-1", state: "HOST_STATE_LIVE", asOfUnixMs: "1" },
    { tenantId: "team-a", host: "beta", state: "HOST_STATE_UNREACHABLE", detail: "connection refused" },
  ],
  daemons: [
    { id: "agg-1", role: "aggregator", host: "desk", version: "1.0", uptimeMs: "7200000" },
    {
      ...{ id: "h-1", role: "node", tenantId: "team-a", host: "alpha", version: "1.0", uptimeMs: "60000" },
      callers: [
        {
          ...{ subject: "tenant/team-a/user/ada", kind: "dashboard", carrier: "tls", tenantId: "team-a", calls: "7" },
          ...{ streams: { Watch: 2, AttachTerminal: 1 }, lastMethod: "List", lastCallAgeMs: "3000", knownForMs: "9000" },
        },
      ],
      terminals: [
        { agent, mode: "attached", subject: "tenant/team-a/user/ada", label: "desk:ada", forMs: "240000" },
        { agent, mode: "watching", forMs: "1000" },
      ],
      agents: [{ agent, state: "AGENT_STATE_WORKING", heard: true, ageMs: "1500" }, { agent: { ...agent, name: "mute" } }],
    },
  ],
};

async function presence(reply: PresenceResponseJson, ...argv: string[]) {
  const remote = memoryRemote({ "unix:/m/fleet/run/aggregator.sock": { unary: { Presence: () => reply } } });
  const io = memoryIo();
  const exitCode = await runCli(["system", "presence", "--mosaic-home", "/m", ...argv], io, { deps: { remote } });
  return { exitCode, stdout: io.stdout.text };
}

test("each daemon is shown with whom it serves, who is at which terminal, and who did not answer", async () => {
  const { exitCode, stdout } = await presence(REPLY);
  assert.equal(exitCode, 3);
  assert.equal(
    stdout,
    `aggregator desk  1.0, up 2h
  nobody called lately

node team-a/alpha  1.0, up 1m
  CALLER           AS         FROM  OPEN NOW                 LAST CALL
  team-a/user/ada  dashboard  tls   Watch ×2 AttachTerminal  List 3s ago
  attached team-a/alpha/lead: team-a/user/ada (desk:ada), for 4m
  watching team-a/alpha/lead: somebody of another tenant, for 1s

UNREACHABLE  team-a/beta: connection refused

1 caller has streams open; 1 terminal taken over, 1 watched.
`,
  );
});

test("the fields of the envelope are a contract", async () => {
  const { stdout } = await presence(REPLY, "--json");
  const answer = JSON.parse(stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "via", "hosts", "items"]);
  assert.deepEqual([answer.schema, answer.complete, answer.via], ["mosaic.system.presence/1", false, "aggregator"]);
  const [, node] = answer.items;
  assert.deepEqual(Object.keys(node), [
    ...["id", "role", "tenant_id", "host", "version", "uptime_ms", "callers", "terminals", "agents"],
  ]);
  assert.deepEqual(node.callers[0], {
    ...{ subject: "tenant/team-a/user/ada", kind: "dashboard", carrier: "tls", tenant_id: "team-a", relayed_by: null },
    ...{
      streams: { Watch: 2, AttachTerminal: 1 },
      last_method: "List",
      last_call_age_ms: 3000,
      known_for_ms: 9000,
      call_count: 7,
    },
  });
  assert.deepEqual(node.terminals[1], { agent: "team-a/alpha/lead", mode: "watching", subject: null, label: "", for_ms: 1000 });
  assert.deepEqual(
    node.agents.map((each: { state: string; last_sign_age_ms: number | null }) => [each.state, each.last_sign_age_ms]),
    [
      ["working", 1500],
      ["unknown", null],
    ],
  );
});

test("where nobody has anything open it says that nobody would be disturbed", async () => {
  const { exitCode, stdout } = await presence({ hosts: [], daemons: [{ id: "agg-1", role: "aggregator", host: "desk" }] });
  assert.deepEqual([exitCode, /disturb nobody\.\n$/.test(stdout)], [0, true]);
});
