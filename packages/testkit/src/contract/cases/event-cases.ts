import assert from "node:assert/strict";
import type { FleetEvent, WatchEventsResponse } from "@mosaic/wire";
import { eventually } from "../../eventually.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";

const alphaLead = { tenantId: "team-a", host: "alpha", name: "lead" };

type Ask = Parameters<ContractContext["client"]["watchEvents"]>[0];

async function kept({ client, signal }: ContractContext, request: Ask = {}): Promise<WatchEventsResponse["frame"][]> {
  const frames: WatchEventsResponse["frame"][] = [];
  for await (const { frame } of client.watchEvents(request, { signal })) frames.push(frame);
  return frames;
}

function eventsOf(frames: readonly WatchEventsResponse["frame"][]): FleetEvent[] {
  return frames.flatMap((frame) => (frame.case === "event" ? frame.value : []));
}

/** What is promised of events and of who is present. */
export const eventCases: readonly ContractCase[] = [
  {
    name: "what happened to an agent is kept, and chosen by kind, host and agent; every host that was asked is named",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.removeAgent("lead");
      await eventually("the end is kept", async () => eventsOf(await kept(context, { kinds: ["agent.removed"] })).length > 0);
      const frames = await kept(context, { selector: { names: ["lead"], hosts: ["alpha"] }, kinds: ["agent.removed"] });
      const [event, ...others] = eventsOf(frames);
      assert.ok(event && others.length === 0);
      assert.deepEqual(
        [event.tenantId, event.host, event.agent, event.sourceId, event.sourceRole, event.count],
        ["team-a", "alpha", "lead", alpha.hostId, "node", 1],
      );
      const last = frames.at(-1);
      assert.ok(last?.case === "caughtUp");
      assert.deepEqual(
        last.value.hosts.map(({ host }) => host),
        ["alpha"],
      );
      assert.deepEqual(eventsOf(await kept(context, { selector: { names: ["nobody"] } })), []);
      assert.deepEqual(eventsOf(await kept(context, { selector: { tenantIds: ["team-z"] } })), []);
    },
  },
  {
    name: "who goes on after an event gets what came since and nothing before, and what happens from then on, each once",
    async run(context) {
      const { client, signal } = context;
      const [alpha] = context.hosts;
      const before = eventsOf(await kept(context, { kinds: ["agent"], tail: 10_000 }));
      const after: Record<string, string> = {};
      for (const { sourceId, id } of before) after[sourceId] = id;
      alpha.addAgent("late");
      await eventually("it is kept", async () =>
        eventsOf(await kept(context, { kinds: ["agent.found"] })).some(({ agent }) => agent === "late"),
      );
      const told: string[] = [];
      let isCaughtUp = false;
      const call = new AbortController();
      const kinds = ["agent.found", "agent.removed"];
      const following = client.watchEvents({ kinds, after, follow: true }, { signal: AbortSignal.any([signal, call.signal]) });
      for await (const { frame } of following) {
        if (frame.case === "caughtUp") {
          isCaughtUp = true;
          alpha.removeAgent("late");
        } else if (frame.case === "event") told.push(`${frame.value.kind} ${frame.value.agent} ${isCaughtUp}`);
        else assert.fail("nothing is missing");
        if (told.length === 2) break;
      }
      call.abort();
      assert.deepEqual(told, ["agent.found late false", "agent.removed late true"]);
    },
  },
  {
    name: "who watches a terminal is present at it while that goes on, with the caller's streams",
    async run(context) {
      const { client, signal } = context;
      const call = new AbortController();
      const stream = client.watchTerminal(
        { agent: { name: "lead", host: "alpha" } },
        { signal: AbortSignal.any([signal, call.signal]) },
      );
      const frames = stream[Symbol.asyncIterator]();
      await frames.next();
      const present = async () => (await client.presence({ selector: { hosts: ["alpha"] } }, { signal })).daemons;
      const [first, ...others] = await present();
      const node = others.at(-1) ?? first;
      assert.ok(first && node);
      for (const daemon of [first, node]) {
        const [at] = daemon.terminals;
        assert.deepEqual(
          [at?.mode, at?.agent?.tenantId, at?.agent?.host, at?.agent?.name],
          ["watching", ...Object.values(alphaLead)],
        );
        assert.ok(daemon.callers.some(({ streams }) => streams["WatchTerminal"] === 1));
      }
      assert.deepEqual(
        [node.role, node.id, node.agents.some(({ agent }) => agent?.name === "lead")],
        ["node", context.hosts[0].hostId, true],
      );
      call.abort();
      await frames.next().catch(() => {});
      await eventually("it is gone", async () => (await present()).every(({ terminals }) => terminals.length === 0));
    },
  },
];
