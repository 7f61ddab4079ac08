import assert from "node:assert/strict";
import { AgentState, HostState } from "@mosaic/wire";
import { eventually } from "../../eventually.ts";
import { list, rowName, rowTexts } from "../case-tools.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";

const hostNames = (context: ContractContext) => context.hosts.map((host) => `${host.tenantId}/${host.host}/${host.hostId}`);

/** What List promises of hosts, rows and selectors. */
export const listCases: readonly ContractCase[] = [
  {
    name: "List names every expected host exactly once, in order, and says how fresh it is",
    async run(context) {
      const { hosts } = await list(context);
      assert.deepEqual(
        hosts.map((host) => `${host.tenantId}/${host.host}/${host.hostId}`),
        hostNames(context),
      );
      for (const host of hosts) {
        assert.equal(host.state, HostState.LIVE, host.host);
        assert.equal(host.code + host.detail, "", host.host);
        assert.ok(host.asOfUnixMs > 0n && host.ageMs < 60_000n, `${host.host} is ${host.ageMs} ms old`);
        assert.equal(host.agentCount, 2, host.host);
      }
    },
  },
  {
    name: "List has every agent once, complete and ordered by tenant, host and name",
    async run(context) {
      const { agents } = await list(context);
      const expected = context.hosts.flatMap((host) =>
        [`coder-${host.host}`, "lead"].map((name) => `${host.tenantId}/${host.host}/${name}`),
      );
      assert.deepEqual(agents.map(rowName), expected);
      for (const agent of agents) {
        assert.ok(
          context.hosts.some((host) => host.hostId === agent.hostId && host.host === agent.host),
          rowName(agent),
        );
        assert.deepEqual([agent.runtime, agent.agentClass, agent.inRoster, agent.pane?.alive], ["stub", "tester", true, true]);
      }
    },
  },
  {
    name: "selectors by tenant, host, host_id and name leave out what they do not name",
    async run(context) {
      const [alpha] = context.hosts;
      const others = context.hosts.filter((host) => host.tenantId === "team-a");
      const byTenant = await list(context, { selector: { tenantIds: ["team-a"] } });
      assert.deepEqual(
        byTenant.hosts.map((host) => host.hostId),
        others.map((host) => host.hostId),
      );
      assert.equal(byTenant.agents.length, 2 * others.length);
      for (const name of [alpha.host, alpha.hostId]) {
        const byHost = await list(context, { selector: { hosts: [name] } });
        assert.deepEqual(
          byHost.hosts.map((host) => host.hostId),
          [alpha.hostId],
          name,
        );
        assert.deepEqual(
          byHost.agents.map((agent) => agent.name),
          ["coder-alpha", "lead"],
          name,
        );
      }
    },
  },
  {
    name: "a selector by agent name takes rows away and never hosts",
    async run(context) {
      const { agents, hosts } = await list(context, { selector: { names: ["coder-alpha"] } });
      assert.deepEqual(agents.map(rowName), ["team-a/alpha/coder-alpha"]);
      assert.equal(hosts.length, context.hosts.length);
      assert.ok(
        hosts.every((host) => host.agentCount === 2),
        "counts are before any name filter",
      );
    },
  },
  {
    name: "selectors that fit nothing answer with nothing, and with no error",
    async run(context) {
      for (const selector of [{ hosts: ["nowhere"] }, { tenantIds: ["team-z"] }, { tenantIds: ["team-z"], hosts: ["alpha"] }]) {
        const { agents, hosts } = await list(context, { selector });
        assert.deepEqual([agents.length, hosts.length], [0, 0]);
      }
    },
  },
  {
    name: "List live asks the hosts now, and agrees with List from memory once that has caught up",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.terminal.killProcess("lead", 3);
      const live = await context.client.list({ live: true }, { signal: context.signal, timeoutMs: 1500 });
      const dead = live.agents.find((agent) => rowName(agent) === "team-a/alpha/lead");
      assert.deepEqual([dead?.state, dead?.pane?.exitStatus], [AgentState.DEAD, 3], "asked after the change, so it must show");
      const remembered = await eventually("memory shows what live showed", async () => {
        const answer = await list(context);
        return answer.agents.some((agent) => agent.state === AgentState.DEAD) && answer;
      });
      assert.deepEqual(rowTexts(live.agents), rowTexts(remembered.agents));
      const essence = (hosts: typeof live.hosts) =>
        hosts.map((host) => [host.tenantId, host.host, host.hostId, host.state, host.via.length, host.agentCount]);
      assert.deepEqual(essence(live.hosts), essence(remembered.hosts));
    },
  },
  {
    name: "the JSON and the binary format say the same",
    needsJson: true,
    async run(context) {
      const binary = await list(context);
      const json = await context.jsonClient?.list({}, { signal: context.signal });
      assert.deepEqual(rowTexts(json?.agents ?? []), rowTexts(binary.agents));
      assert.deepEqual(
        json?.hosts.map((host) => host.hostId),
        binary.hosts.map((host) => host.hostId),
      );
      assert.deepEqual([json?.epoch, json?.nextPageToken], [binary.epoch, binary.nextPageToken]);
    },
  },
];
