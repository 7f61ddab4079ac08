import { create } from "@bufbuild/protobuf";
import { type Approval, ApprovalSchema, Evidence, HeartbeatStatus } from "@mosaic/wire";
import type { HeartbeatReading } from "../join/heartbeat-reading.ts";
import type { AgentReport } from "./agent-report.ts";

/** All that an agent said of itself, as it stands now. Never changed once made: the same object means that nothing was said. */
export interface AgentSaid {
  readonly reading: HeartbeatReading;
  /** What it asks leave for, oldest first. */
  readonly approvals: readonly Approval[];
  /** The runtime's id of the conversation; empty: not reported. */
  readonly sessionId: string;
  /** When it last took a prompt, whoever typed that, in ms of the host's wall clock; absent: it has told of none. */
  readonly promptAtUnixMs?: number | undefined;
  /** Turns of which it told the end, the newest last; what comes of them later is late. Absent: none. */
  readonly endedTurnIds?: readonly string[] | undefined;
}

/** Of which process a report is, and when it was made, in ms of the host's wall clock. */
export interface ReportOrigin {
  readonly atUnixMs: number;
  readonly processPid: number;
}

/** That an agent goes on is told this often at most, in ms: each telling makes a new row. */
export const PROGRESS_GRAIN_MS = 5000;
/** An agent that asks for more at once is not read further. */
const MAX_APPROVALS = 100;
/** Late words come within seconds of the end. */
const MAX_ENDED_TURNS = 20;

/** What stands after a report. What was said of an earlier process is forgotten, but for the conversation, which may go on. */
export function saidAfter(before: AgentSaid | undefined, report: AgentReport, origin: ReportOrigin): AgentSaid {
  const known = before?.reading.processPid === origin.processPid ? before : undefined;
  if (known && report.isProgress) return progressed(known, report, origin.atUnixMs);
  return {
    reading: readingAfter(known?.reading, isLate(report, known) ? { ...report, status: undefined } : report, origin),
    approvals: approvalsAfter(known?.approvals ?? [], report, origin.atUnixMs),
    sessionId: report.sessionId ?? before?.sessionId ?? "",
    promptAtUnixMs: report.accepted?.length ? origin.atUnixMs : known?.promptAtUnixMs,
    endedTurnIds: endedAfter(known?.endedTurnIds ?? [], report),
  };
}

// Of a turn that has ended; or that a request is over, told of one that waits no more: who waited for the answer looks now and
// then only, and the turn may be over by then.
function isLate({ status, turnId, accepted, resolvedRequestIds }: AgentReport, known: AgentSaid | undefined): boolean {
  if (status !== HeartbeatStatus.BUSY || !known) return false;
  if (turnId !== undefined) return known.endedTurnIds?.includes(turnId) ?? false;
  const isOnlySettled = resolvedRequestIds !== undefined && accepted === undefined;
  return isOnlySettled && known.reading.status !== HeartbeatStatus.WAITING;
}

function endedAfter(before: readonly string[], { endedTurnIds = [], brokenTurns = [] }: AgentReport): readonly string[] {
  if (endedTurnIds.length + brokenTurns.length === 0) return before;
  const ended = new Set([...before, ...endedTurnIds, ...brokenTurns.map(({ turnId }) => turnId)]);
  return [...ended].slice(-MAX_ENDED_TURNS);
}

// It may have been written before what was heard last: one file for all progress has no place in the order.
function progressed(said: AgentSaid, { turnId = said.reading.turnId }: AgentReport, atUnixMs: number): AgentSaid {
  const { reading } = said;
  if (said.endedTurnIds?.includes(turnId) && turnId !== reading.turnId) return said;
  const sinceMs = atUnixMs - Math.max(reading.atUnixMs, reading.progressAtUnixMs ?? 0);
  if (sinceMs < (turnId === reading.turnId ? PROGRESS_GRAIN_MS : 1)) return said;
  return { ...said, reading: { ...reading, turnId, atUnixMs, progressAtUnixMs: atUnixMs } };
}

function readingAfter(
  before: HeartbeatReading | undefined,
  report: AgentReport,
  { atUnixMs, processPid }: ReportOrigin,
): HeartbeatReading {
  const isNewStatus = report.status !== undefined;
  const goesOn = report.isProgress ? HeartbeatStatus.BUSY : HeartbeatStatus.UNSPECIFIED;
  return {
    atUnixMs,
    processPid,
    // Judged by only where no sidecar says that the process lives.
    intervalMs: before?.intervalMs ?? NO_INTERVAL_MS,
    evidence: Evidence.HOOK,
    status: report.status ?? before?.status ?? goesOn,
    pid: processPid,
    turnId: report.turnId ?? before?.turnId ?? "",
    waitingFor: isNewStatus ? (report.waitingFor ?? "") : (before?.waitingFor ?? ""),
    detail: isNewStatus ? (report.detail ?? "") : (before?.detail ?? ""),
    progressAtUnixMs: before?.progressAtUnixMs,
  };
}

/** As the sidecar's. */
const NO_INTERVAL_MS = 15_000;

function approvalsAfter(before: readonly Approval[], report: AgentReport, atUnixMs: number): readonly Approval[] {
  const { asked = [], resolvedRequestIds = [] } = report;
  if (asked.length === 0 && resolvedRequestIds.length === 0) return before;
  const isOver = ({ requestId }: Approval) => resolvedRequestIds.includes("*") || resolvedRequestIds.includes(requestId);
  const open = before.filter((approval) => !isOver(approval));
  for (const request of asked) {
    const index = open.findIndex(({ requestId }) => requestId === request.requestId);
    const since = index < 0 ? BigInt(atUnixMs) : (open[index]?.sinceUnixMs ?? 0n);
    open.splice(index < 0 ? open.length : index, 1, create(ApprovalSchema, { ...request, sinceUnixMs: since }));
  }
  return open.slice(0, MAX_APPROVALS);
}
