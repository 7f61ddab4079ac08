import { type AgentReport, type AgentSaid, type FileStore, type Log, MosaicError } from "@mosaic/core";
import { Evidence, type HeartbeatRequest } from "@mosaic/wire";
import type { EvidenceReport } from "../delivery/evidence.ts";
import { promptHashes } from "../delivery/message-hashes.ts";
import type { HeartbeatRegistry } from "../heartbeat-registry.ts";
import type { LastWords } from "./last-words.ts";
import type { ProcessRoll } from "./process-roll.ts";
import { isSessionId, sessionPath } from "./session-file.ts";

export interface AgentReportsDeps {
  readonly registry: HeartbeatRegistry;
  readonly processes: ProcessRoll;
  /** Moves messages by what an agent says; resolves when that is durable. */
  readonly noteEvidence: (agentName: string, report: EvidenceReport) => Promise<void>;
  /** Where the newest word of each agent is written down. Absent: nowhere, and a restart has to learn it again. */
  readonly lastWords?: LastWords | undefined;
  /** Where the id of an agent's conversation is written for who resumes it. Absent: nowhere. */
  readonly sessions?: { readonly files: FileStore; readonly runDirectory: string } | undefined;
  /** Goes on with reading an agent's conversation file. */
  readonly followTranscript?: (agentName: string, path: string) => Promise<void>;
  readonly log: Log;
}

/** When and how a report came. */
export interface HeardAt {
  /** When it was made, in ms of the host's wall clock. */
  readonly atUnixMs: number;
  readonly evidence: Evidence;
}

/** An event may bear a time a little before the start of the process that wrote it: two clocks, read to a hundredth. */
const START_TOLERANCE_MS = 1000;

/** Takes what agents say of themselves, by whatever way it comes: first what it proves of messages, then what it says of the agent.
 *  Taking it twice changes nothing more. */
export class AgentReports {
  readonly #deps: AgentReportsDeps;
  /** The conversation in each agent's session file, as far as this process wrote it; empty: none. */
  readonly #kept = new Map<string, string>();

  constructor(deps: AgentReportsDeps) {
    this.#deps = deps;
  }

  /** Takes a report that came as a call. @returns the interval to ask of the agent, in ms
   *  @throws MosaicError STORE_UNAVAILABLE when what it proves can't be made durable: the agent must say it again */
  async call(request: HeartbeatRequest, atUnixMs: number): Promise<number> {
    const intervalMs = this.#deps.registry.take(request);
    const { accepted, endedTurnIds, brokenTurns, sessionId } = request;
    const agentName = request.agent?.name ?? "";
    // Whoever reaches the socket can make a name up.
    if (this.#deps.processes.of(agentName)) await this.#keepSession(agentName, { sessionId, hasBegun: hasBegun(request) });
    if (accepted.length + endedTurnIds.length + brokenTurns.length === 0) return intervalMs;
    await this.#deps.noteEvidence(agentName, {
      accepted: accepted.map(({ textSha256, turnId, evidence }) => ({
        ...{ hashes: new Set([textSha256]), turnId },
        evidence: evidence === Evidence.UNSPECIFIED ? Evidence.HOOK : evidence,
      })),
      endedTurnIds,
      brokenTurns: brokenTurns.map(({ turnId, interrupted, detail }) => ({ turnId, isInterrupted: interrupted, detail })),
      ...{ atUnixMs, evidence: Evidence.HOOK },
    });
    return intervalMs;
  }

  /** Takes one event of an agent's hook, or one line of its conversation; resolves when nothing of it can be lost any more.
   *  @throws MosaicError STORE_UNAVAILABLE: then it must be kept and taken again */
  async hear(agentName: string, report: AgentReport, { atUnixMs, evidence }: HeardAt): Promise<void> {
    const { registry, processes } = this.#deps;
    const before = registry.said(agentName);
    await this.#prove(agentName, report, { atUnixMs, evidence }, before);
    const process = processes.of(agentName);
    // It waited for us, and who wrote it is gone: only what it proves of messages and conversation counts.
    const isOfThis = process && (process.startedUnixMs ?? 0) <= atUnixMs + START_TOLERANCE_MS;
    const said = isOfThis ? registry.hear(agentName, report, { atUnixMs, processPid: process.pid }) : before;
    await this.#keepSession(agentName, { sessionId: report.sessionId, hasBegun: hasBegun(report) });
    if (report.transcriptPath !== undefined && isOfThis) await this.#deps.followTranscript?.(agentName, report.transcriptPath);
    if (said && isOfThis && !report.isProgress) await this.#deps.lastWords?.save(agentName, said, process);
  }

  async #prove(agentName: string, report: AgentReport, { atUnixMs, evidence }: HeardAt, before: AgentSaid | undefined) {
    const { accepted = [], endedTurnIds = [], brokenTurns = [], sessionId, traceparent } = report;
    if (accepted.length + endedTurnIds.length + brokenTurns.length === 0) return;
    const openTurn = before?.reading.turnId ?? "";
    const prompts = accepted.map(({ text, turnId, joinsOpenTurn, ...prompt }) => ({
      ...{ hashes: promptHashes(text), evidence: prompt.evidence, movesTurn: prompt.movesTurn },
      turnId: joinsOpenTurn && turnId === "" ? openTurn : turnId,
    }));
    const said = { accepted: prompts, endedTurnIds, brokenTurns, sessionId, traceparent };
    await this.#deps.noteEvidence(agentName, { ...said, atUnixMs, evidence });
  }

  // A conversation in which nothing was said can't be gone on with: claude and pi end at once when they are asked to (measured).
  // One that began takes the earlier one's place all the same, so that nobody wakes up in what was reset.
  async #keepSession(
    agentName: string,
    { sessionId, hasBegun }: { sessionId: string | undefined; hasBegun: boolean },
  ): Promise<void> {
    const { sessions, log } = this.#deps;
    if (!sessions || sessionId === undefined || !isSessionId(sessionId)) return;
    const path = sessionPath(sessions.runDirectory, agentName);
    const kept = hasBegun ? sessionId : "";
    try {
      const before = this.#kept.get(agentName) ?? (await sessions.files.read(path))?.trim() ?? "";
      if (before === sessionId || before === kept) return;
      if (hasBegun) await sessions.files.write(path, `${sessionId}\n`, 0o600);
      else await sessions.files.remove(path);
      this.#kept.set(agentName, kept);
    } catch (thrown) {
      // Without it the agent starts a fresh conversation after a crash, which is what it did before.
      log.warn({ agent: agentName, error: MosaicError.from(thrown).message }, "an agent's conversation can't be written down");
    }
  }
}

/** True when something was said in the conversation that is told of. */
function hasBegun({ turnId = "", accepted = [], endedTurnIds = [] }: Begun): boolean {
  return turnId !== "" || accepted.length + endedTurnIds.length > 0;
}

interface Begun {
  readonly turnId?: string | undefined;
  readonly accepted?: readonly unknown[] | undefined;
  readonly endedTurnIds?: readonly string[] | undefined;
}
