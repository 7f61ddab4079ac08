import assert from "node:assert/strict";
import { test } from "node:test";
import { Evidence, HeartbeatStatus } from "@mosaic/wire";
import type { AgentReport } from "./agent-report.ts";
import { type AgentSaid, PROGRESS_GRAIN_MS, saidAfter } from "./agent-said.ts";

const { READY, BUSY, WAITING, IDLE, FAILED } = HeartbeatStatus;
const bash = { requestId: "r-1", tool: "Bash", summary: "make", answerable: true };
/** What stands after reports that came a second apart. */
const after = (...reports: AgentReport[]): AgentSaid | undefined =>
  reports.reduce<AgentSaid | undefined>(
    (said, report, index) => saidAfter(said, report, { atUnixMs: index * 1000, processPid: 7 }),
    undefined,
  );

test("what an event does not speak of stands", () => {
  const said = after({ status: READY, sessionId: "s-1" }, { status: BUSY, turnId: "t-1" }, {});
  const { status, turnId, atUnixMs, evidence, processPid } = said?.reading ?? assert.fail();
  assert.deepEqual([status, turnId, said?.sessionId, atUnixMs], [BUSY, "t-1", "s-1", 2000]);
  assert.deepEqual([evidence, processPid], [Evidence.HOOK, 7]);
});

test("what an agent waits for and why it failed are of that status and no longer", () => {
  const waiting = after({ status: WAITING, waitingFor: "permission" })?.reading;
  assert.deepEqual([waiting?.status, waiting?.waitingFor], [WAITING, "permission"]);
  assert.equal(after({ status: WAITING, waitingFor: "permission" }, { turnId: "t" })?.reading.waitingFor, "permission");
  assert.equal(after({ status: WAITING, waitingFor: "permission" }, { status: BUSY })?.reading.waitingFor, "");
  assert.equal(after({ status: FAILED, detail: "rate_limit" }, { status: IDLE })?.reading.detail, "");
});

test("requests for leave stand until they are resolved, by name or all, and the same id again replaces", () => {
  const other = { ...bash, requestId: "r-2", tool: "Edit" };
  const ids = (...reports: AgentReport[]) => after(...reports)?.approvals.map(({ requestId }) => requestId);
  assert.deepEqual(ids({ asked: [bash] }, { asked: [other] }, { status: BUSY }), ["r-1", "r-2"]);
  assert.deepEqual(ids({ asked: [bash, other] }, { resolvedRequestIds: ["r-1"] }), ["r-2"]);
  assert.deepEqual(ids({ asked: [bash, other] }, { resolvedRequestIds: ["*"] }), []);
  const [again] = after({ asked: [bash] }, { asked: [{ ...bash, answerable: false }] })?.approvals ?? [];
  assert.deepEqual([again?.answerable, again?.sinceUnixMs], [false, 0n], "it asks since it first asked");
});

test("progress says only that it goes on, every few seconds at most, and never takes back what came after it", () => {
  const busy = saidAfter(undefined, { status: BUSY, turnId: "t-1" }, { atUnixMs: 10_000, processPid: 7 });
  const goesOn = (atUnixMs: number, turnId = "t-1") => saidAfter(busy, { isProgress: true, turnId }, { atUnixMs, processPid: 7 });
  assert.equal(goesOn(10_000 + PROGRESS_GRAIN_MS - 1), busy);
  assert.equal(goesOn(9000), busy);
  const moved = goesOn(10_000 + PROGRESS_GRAIN_MS).reading;
  assert.deepEqual([moved.status, moved.progressAtUnixMs], [BUSY, 10_000 + PROGRESS_GRAIN_MS]);
  assert.equal(goesOn(10_001, "t-2").reading.turnId, "t-2", "another turn is news");
  assert.equal(after({ isProgress: true })?.reading.status, BUSY, "of whom nothing was known");
});

test("a late word of a turn that has ended, or of a request that is long over, makes nobody busy again", () => {
  const ended = [
    { status: BUSY, turnId: "t-1" },
    { status: IDLE, turnId: "t-1", endedTurnIds: ["t-1"] },
  ];
  const statusAfter = (...late: AgentReport[]) => after(...ended, ...late)?.reading.status;
  assert.equal(statusAfter({ status: BUSY, turnId: "t-1", accepted: [] }), IDLE);
  assert.equal(statusAfter({ status: BUSY, resolvedRequestIds: ["r-1"] }), IDLE);
  assert.equal(statusAfter({ status: BUSY, turnId: "t-2", accepted: [] }), BUSY);
  assert.equal(statusAfter({ status: BUSY, resolvedRequestIds: ["*"], accepted: [] }), BUSY, "a prompt of a turn without an id");
  assert.equal(
    statusAfter({ status: WAITING, turnId: "t-1", asked: [bash] }),
    WAITING,
    "a hook of the user's let the turn go on",
  );
  assert.equal(after({ status: WAITING, asked: [bash] }, { status: BUSY, resolvedRequestIds: ["r-1"] })?.reading.status, BUSY);
  const next = after(...ended, { status: BUSY, turnId: "t-2" }, {}, {}, {}, { isProgress: true, turnId: "t-1" });
  assert.equal(next?.reading.turnId, "t-2");
});

test("another process starts anew, in the conversation that it may go on with", () => {
  const before = after({ status: BUSY, sessionId: "s-1", turnId: "t-1", asked: [bash] });
  const next = saidAfter(before, { status: READY }, { atUnixMs: 9000, processPid: 8 });
  assert.deepEqual([next.reading.turnId, next.approvals, next.sessionId], ["", [], "s-1"]);
});
