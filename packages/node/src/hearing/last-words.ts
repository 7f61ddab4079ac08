import { create, fromJson, toJson } from "@bufbuild/protobuf";
import { type AgentSaid, type FileStore, type HeartbeatReading, type Log, MosaicError } from "@mosaic/core";
import { ApprovalSchema, type Evidence, type HeartbeatStatus } from "@mosaic/wire";
import type { PaneProcess } from "./process-roll.ts";

/** How far an agent's conversation file was read. */
export interface TranscriptPosition {
  readonly path: string;
  readonly nextByte: number;
}

/** What is written down of an agent. */
export interface Kept {
  readonly process: Pick<PaneProcess, "pid" | "startTicks">;
  readonly said: AgentSaid;
  readonly transcript: TranscriptPosition | undefined;
}

export interface LastWordsDeps {
  readonly files: FileStore;
  readonly runDirectory: string;
  readonly positionOf: (agentName: string) => TranscriptPosition | undefined;
  readonly log: Log;
}

/** Writes down what each agent last said by its hooks, for the next start of this daemon: hooks speak when something happens, and
 *  an agent that waits may say nothing more for days. One file for each agent, for the process that said it. */
export class LastWords {
  readonly #deps: LastWordsDeps;

  constructor(deps: LastWordsDeps) {
    this.#deps = deps;
  }

  /** Never rejects: what can't be written is said again by the agent sooner or later. */
  async save(agentName: string, said: AgentSaid, { pid, startTicks }: Kept["process"]): Promise<void> {
    const { files, positionOf, log } = this.#deps;
    const { approvals, ...others } = said;
    const transcript = positionOf(agentName);
    const kept = { pid, startTicks, ...others, approvals: approvals.map((each) => toJson(ApprovalSchema, each)), transcript };
    try {
      await files.write(this.#path(agentName), `${JSON.stringify(kept)}\n`, 0o600);
    } catch (thrown) {
      log.warn({ agent: agentName, error: MosaicError.from(thrown).message }, "what an agent said can't be written down");
    }
  }

  /** What was written down of an agent; undefined: nothing, or nothing that can be understood. */
  async load(agentName: string): Promise<Kept | undefined> {
    try {
      const text = await this.#deps.files.read(this.#path(agentName));
      return text === undefined ? undefined : toKept(JSON.parse(text));
    } catch {
      // A file that is torn or of another version tells nothing; the agent will.
      return undefined;
    }
  }

  #path(agentName: string): string {
    return `${this.#deps.runDirectory}/reports/${agentName}.json`;
  }
}

function toKept(value: unknown): Kept {
  const { pid, startTicks, reading, approvals, sessionId, promptAtUnixMs, endedTurnIds, transcript } = fields(value);
  const { path, nextByte } = fields(transcript);
  const list = Array.isArray(approvals) ? approvals : [];
  return {
    process: { pid: number(pid), startTicks: number(startTicks) },
    said: {
      reading: toReading(fields(reading), number(pid)),
      approvals: list.map((each) => create(ApprovalSchema, fromJson(ApprovalSchema, each))),
      sessionId: string(sessionId),
      endedTurnIds: Array.isArray(endedTurnIds) ? endedTurnIds.map(string) : [],
      promptAtUnixMs: promptAtUnixMs === undefined ? undefined : number(promptAtUnixMs),
    },
    transcript: typeof path === "string" ? { path, nextByte: number(nextByte) } : undefined,
  };
}

function toReading(reading: Record<string, unknown>, processPid: number): HeartbeatReading {
  const { atUnixMs, intervalMs, evidence, status, turnId, waitingFor, detail, progressAtUnixMs } = reading;
  return {
    ...{ atUnixMs: number(atUnixMs), intervalMs: number(intervalMs), processPid, pid: processPid },
    ...{ evidence: number(evidence) as Evidence, status: number(status) as HeartbeatStatus },
    ...{ turnId: string(turnId), waitingFor: string(waitingFor), detail: string(detail) },
    progressAtUnixMs: progressAtUnixMs === undefined ? undefined : number(progressAtUnixMs),
  };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function number(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new MosaicError("MACHINE", "not a number");
}

function string(value: unknown): string {
  if (typeof value === "string") return value;
  throw new MosaicError("MACHINE", "not a text");
}
