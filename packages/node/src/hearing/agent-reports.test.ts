import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { silentLog } from "@mosaic/core";
import { FakeClock } from "@mosaic/testkit";
import { Evidence, HeartbeatRequestSchema, HeartbeatStatus } from "@mosaic/wire";
import type { EvidenceReport } from "../delivery/evidence.ts";
import { sha256 } from "../delivery/message-hashes.ts";
import { HeartbeatRegistry } from "../heartbeat-registry.ts";
import { AgentReports } from "./agent-reports.ts";
import type { PaneProcess, ProcessRoll } from "./process-roll.ts";

const STARTED_MS = 1_000_000;

function setUp(process: Partial<PaneProcess> | "none" = {}) {
  const registry = new HeartbeatRegistry(new FakeClock());
  const proved: EvidenceReport[] = [];
  const running =
    process === "none" ? undefined : { pid: 7, startTicks: 1, startedUnixMs: STARTED_MS, sinceUnixMs: STARTED_MS, ...process };
  const reports = new AgentReports({
    ...{ registry, log: silentLog, processes: { of: () => running } as unknown as ProcessRoll },
    noteEvidence: async (_name, report) => void proved.push(report),
  });
  return { registry, reports, proved };
}

const at = (atUnixMs: number) => ({ atUnixMs, evidence: Evidence.HOOK });
const taken = { status: HeartbeatStatus.BUSY, turnId: "t-1", accepted: [{ text: "hi", turnId: "t-1", evidence: Evidence.HOOK }] };

test("an event of an earlier process proves what it proves of messages, and says nothing of the agent that runs now", async () => {
  const { registry, reports, proved } = setUp();
  await reports.hear("lead", taken, at(STARTED_MS - 60_000));
  assert.equal(proved.length, 1);
  assert.equal(registry.said("lead"), undefined);
  await reports.hear("lead", taken, at(STARTED_MS));
  assert.equal(registry.said("lead")?.reading.status, HeartbeatStatus.BUSY);
});

test("without a process nothing is said of one, and where its start can't be told every event is its own", async () => {
  const gone = setUp("none");
  await gone.reports.hear("lead", taken, at(STARTED_MS));
  assert.deepEqual([gone.registry.said("lead"), gone.proved.length], [undefined, 1]);
  const unknown = setUp({ startedUnixMs: undefined });
  await unknown.reports.hear("lead", taken, at(1));
  assert.equal(unknown.registry.said("lead")?.reading.status, HeartbeatStatus.BUSY);
});

test("a prompt that joins the open turn is of the turn that the agent was heard to be in", async () => {
  const { reports, proved } = setUp();
  await reports.hear("lead", { status: HeartbeatStatus.BUSY, turnId: "t-9" }, at(STARTED_MS));
  const joins = { text: "more", turnId: "", evidence: Evidence.TRANSCRIPT, joinsOpenTurn: true };
  await reports.hear("lead", { accepted: [joins] }, at(STARTED_MS + 1));
  assert.deepEqual(
    proved[0]?.accepted.map(({ turnId, hashes }) => [turnId, hashes.has(sha256("more"))]),
    [["t-9", true]],
  );
});

test("what comes as a call is evidence by its hash, of the agent's own hook unless it says otherwise", async () => {
  const { reports, proved } = setUp();
  const request = create(HeartbeatRequestSchema, {
    agent: { name: "lead" },
    accepted: [{ textSha256: sha256("hi"), turnId: "t-1" }],
    brokenTurns: [{ turnId: "t-0", interrupted: true, detail: "Esc" }],
  });
  assert.equal(await reports.call(request, 5), 15_000);
  assert.deepEqual(proved, [
    {
      accepted: [{ hashes: new Set([sha256("hi")]), turnId: "t-1", evidence: Evidence.HOOK }],
      endedTurnIds: [],
      brokenTurns: [{ turnId: "t-0", isInterrupted: true, detail: "Esc" }],
      ...at(5),
    },
  ]);
  await reports.call(create(HeartbeatRequestSchema, { agent: { name: "lead" } }), 6);
  assert.equal(proved.length, 1);
});
