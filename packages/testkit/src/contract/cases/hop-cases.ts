import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { AgentState, DeliveryState, Evidence, FleetService, HeartbeatStatus, ListRequestSchema, Role } from "@mosaic/wire";
import { eventually } from "../../eventually.ts";
import { list, refusal, send, watch } from "../case-tools.ts";
import type { ContractCase } from "../contract-case.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
const lead = { tenantId: "team-a", host: "alpha", name: "lead" };

/** What passes through every hop unharmed: traces, reports, and what an older reader does not know. */
export const hopCases: readonly ContractCase[] = [
  {
    name: "the caller's trace reaches the node that does the work",
    async run(context) {
      const [alpha] = context.hosts;
      const options = { headers, signal: context.signal };
      await context.client.send({ agent: lead, messageId: "m-1", text: "traced" }, options);
      for await (const _ of context.client.tail({ agent: lead }, options));
      await context.client.list({ live: true }, options);
      const served = alpha.tracer.ofTrace(traceId).filter((span) => span.kind === "server");
      assert.deepEqual(
        served.map((span) => span.name.replace(`${FleetService.typeName}/`, "")),
        ["Send", "Tail", "List"],
      );
      assert.equal(served[0]?.attributes["mosaic.agent"], "team-a/alpha/lead");
      const work = (name: string) => alpha.tracer.ofTrace(traceId).find((span) => span.name === name);
      assert.deepEqual(work("agent.inject")?.events, ["typed", "entered"]);
      await eventually("the turn's span ends", () => work("agent.turn")?.isEnded);
      const turn = work("agent.turn");
      assert.deepEqual(
        [turn?.attributes["mosaic.end"], turn?.attributes["mosaic.turn"], turn?.error],
        ["answered", "lead-turn-1", undefined],
      );
      assert.deepEqual([work("agent.inject")?.parent, turn?.parent], [served[0]?.traceparent, served[0]?.traceparent]);
    },
  },
  {
    name: "an agent's own report becomes its state, with the report as evidence",
    async run(context) {
      const [alpha] = context.hosts;
      await using reader = watch(context);
      await reader.snapshot();
      const stateOfLead = () => reader.view.state.row({ ...lead, hostId: alpha.hostId })?.row;
      const said = [
        [{ status: HeartbeatStatus.BUSY, turnId: "t-1" }, AgentState.WORKING],
        [{ status: HeartbeatStatus.WAITING, waitingFor: "permission" }, AgentState.WAITING],
        [{ status: HeartbeatStatus.FAILED }, AgentState.FAILED],
      ] as const;
      for (const [report, state] of said) {
        await alpha.stub("lead").say(report);
        await reader.until(() => stateOfLead()?.state === state);
        assert.equal(stateOfLead()?.heartbeat?.evidence, Evidence.HOOK);
      }
    },
  },
  {
    name: "a status of a newer contract passes through as its number and breaks nothing",
    async run(context) {
      const [alpha] = context.hosts;
      await using reader = watch(context);
      await reader.snapshot();
      await alpha.stub("lead").say({ status: 99 as HeartbeatStatus });
      const { frame } = await reader.until(
        ({ frame: one }) => one.case === "upsert" && one.value.heartbeat?.status === (99 as HeartbeatStatus),
      );
      assert.equal(frame.case === "upsert" && frame.value.state, AgentState.UNSPECIFIED);
      const row = (await list(context)).agents.find((agent) => agent.hostId === alpha.hostId && agent.name === "lead");
      assert.equal(row?.heartbeat?.status, 99);
    },
  },
  {
    name: "fields of a newer contract in a request are ignored",
    async run(context) {
      const request = create(ListRequestSchema, { selector: { names: ["lead"] } });
      request.$unknown = [{ no: 999, wireType: 2, data: new Uint8Array([2, 0x68, 0x69]) }];
      const { agents } = await list(context, request);
      assert.equal(agents.length, context.hosts.length);
    },
  },
  {
    name: "an aggregator takes no heartbeats, and says where they belong",
    async run(context) {
      if (context.role !== Role.AGGREGATOR) return;
      const error = await refusal(context.client.heartbeat({ agent: lead }, { signal: context.signal }), "NOT_HERE");
      assert.notEqual(error.hint, undefined);
    },
  },
  {
    name: "a message sent through any number of hops is answered by the agent's own host",
    async run(context) {
      const last = context.hosts.at(-1) ?? context.hosts[0];
      const agent = { tenantId: last.tenantId, host: last.host, name: "lead" };
      const { receipt } = await send(context, { messageId: "m-1", text: "far away", agent, waitFor: DeliveryState.ANSWERED });
      assert.deepEqual([receipt?.state, receipt?.hostId], [DeliveryState.ANSWERED, last.hostId]);
      assert.deepEqual(last.stub("lead").prompts, ["far away"]);
    },
  },
];
