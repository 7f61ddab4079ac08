import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import type { Identity } from "@mosaic/identity";
import { CallerPresenceSchema, DaemonPresenceSchema, TerminalPresenceSchema } from "@mosaic/wire";
import type { CallContext } from "../server/fleet-handlers.ts";
import { type CallerName, callerName } from "./caller-name.ts";
import { CallerRoll } from "./caller-roll.ts";
import { presenceWithin } from "./daemon-presence.ts";

const ada: CallerName = { subject: "tenant/team-a/user/ada", tenantId: "team-a", kind: "cli", carrier: "tls", relayedBy: "" };
const lead = { tenantId: "team-a", host: "alpha", name: "lead" };

test("a caller is one, however often it calls, and is forgotten 10 min after its last call unless something is open", () => {
  let nowMs = 0;
  const roll = new CallerRoll(() => nowMs);
  for (const method of ["Info", "List", "Watch"]) roll.note(ada, method);
  const open = roll.open(ada, "Watch");
  roll.note({ ...ada, kind: "mcp" }, "List");
  nowMs = 600_001;
  const [first, ...others] = roll.callers();
  assert.deepEqual([first?.name, first?.calls, first?.lastMethod, first?.streams], [ada, 3, "Watch", { Watch: 1 }]);
  assert.deepEqual(others, []);
  open[Symbol.dispose]();
  assert.deepEqual(roll.callers()[0]?.streams, {}, "it is known for a while after the end of its stream");
  nowMs = 1_200_003;
  assert.deepEqual(roll.callers(), []);
});

test("more than 1,000 callers are not remembered, and those with streams are not the ones that are forgotten", () => {
  const roll = new CallerRoll(() => 0);
  roll.note(ada, "Watch");
  using _open = roll.open(ada, "Watch");
  for (let count = 0; count < 1500; count += 1) roll.note({ ...ada, subject: `tenant/team-a/user/u${count}` }, "List");
  const callers = roll.callers();
  assert.equal(callers.length, 1000);
  assert.equal(callers[0]?.name.subject, ada.subject);
  assert.ok(callers.some(({ name }) => name.subject.endsWith("u1499")));
});

test("who is at a terminal is there until the stream ends", () => {
  const roll = new CallerRoll(() => 0);
  const stream = roll.open(ada, "WatchTerminal", { agent: lead, mode: "watching", label: "" });
  assert.deepEqual(
    roll.terminals().map(({ mode, agent }) => [mode, agent.name]),
    [["watching", "lead"]],
  );
  stream[Symbol.dispose]();
  assert.deepEqual(roll.terminals(), []);
});

test("a caller is named by its certificate, or by who signed what an aggregator passes on; its kind is what it says", () => {
  const fleet = "acme";
  const user: Identity = { kind: "user", fleet, tenantId: "team-a", name: "ada" };
  const aggregator: Identity = { kind: "aggregator", fleet, id: "agg-1" };
  const named = (fields: Partial<CallContext>, client: string | null, method = "List") => {
    const { subject, tenantId, kind, carrier, relayedBy } = callerName(
      { carrier: "tls", ...fields } as CallContext,
      client,
      method,
    );
    return [subject, tenantId, kind, carrier, relayedBy];
  };
  const peer = { kind: "peer", identity: user } as const;
  assert.deepEqual(named({ caller: peer }, "dashboard"), ["tenant/team-a/user/ada", "team-a", "dashboard", "tls", ""]);
  assert.deepEqual(named({ carrier: "unix" }, null), ["local", "", "service", "unix", ""]);
  assert.deepEqual(named({ carrier: "tcp" }, "\u001b[2J"), ["local", "", "service", "loopback", ""]);
  assert.deepEqual(named({ carrier: "unix" }, null, "Heartbeat"), ["local", "", "hook", "unix", ""]);
  const relayed = { kind: "peer", identity: aggregator, capability: { caller: user } } as CallContext["caller"];
  const [subject, , kind, , relayedBy] = named({ caller: relayed }, "aggregator");
  assert.deepEqual([subject, kind, relayedBy], ["tenant/team-a/user/ada", "aggregator", "aggregator/agg-1"]);
});

test("of other tenants no caller is seen, and who is at one's own agent's terminal has no name", () => {
  const at = (tenantId: string, agentTenant: string) =>
    create(TerminalPresenceSchema, {
      agent: { ...lead, tenantId: agentTenant },
      subject: `of ${tenantId}`,
      label: "desk:bob",
      tenantId,
    });
  const whole = create(DaemonPresenceSchema, {
    callers: ["team-a", "team-b", ""].map((tenantId) => create(CallerPresenceSchema, { tenantId, subject: `of ${tenantId}` })),
    terminals: [at("team-a", "team-a"), at("team-b", "team-a"), at("team-a", "team-b")],
    agents: [{ agent: lead }, { agent: { ...lead, tenantId: "team-b" } }],
  });
  const seen = presenceWithin(whole, ["team-a"]);
  assert.deepEqual(
    seen.callers.map(({ subject }) => subject),
    ["of team-a"],
  );
  assert.deepEqual(
    seen.terminals.map(({ agent, subject, label }) => [agent?.tenantId, subject, label]),
    [
      ["team-a", "of team-a", "desk:bob"],
      ["team-a", "", ""],
    ],
  );
  assert.equal(seen.agents.length, 1);
});
