import { type Clock, type GrowingFiles, type Log, MosaicError } from "@mosaic/core";
import { type Agent, Evidence } from "@mosaic/wire";
import type { MannersOf } from "../delivery/manners.ts";
import type { AgentReports } from "./agent-reports.ts";
import type { TranscriptPosition } from "./last-words.ts";
import { TranscriptTail } from "./transcript-tail.ts";

export interface TranscriptsDeps {
  readonly files: GrowingFiles;
  readonly reports: Pick<AgentReports, "hear">;
  readonly mannersOf: MannersOf;
  readonly rowOf: (agentName: string) => Agent | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reads on in the conversation files that runtimes write, for what their hooks leave out: one file for each agent, from where it
 *  ended when it was first named, or from where an earlier life of this daemon had come. */
export class Transcripts implements AsyncDisposable {
  readonly #deps: TranscriptsDeps;
  readonly #tails = new Map<string, TranscriptTail>();

  constructor(deps: TranscriptsDeps) {
    this.#deps = deps;
  }

  /** How far the agent's file was read; undefined: none is. */
  positionOf(agentName: string): TranscriptPosition | undefined {
    return this.#tails.get(agentName)?.position;
  }

  /** Follows a file, where the runtime's lines can be read at all. The one that is followed already goes on.
   *  @param fromByte absent: from its end */
  async follow(agentName: string, path: string, fromByte?: number): Promise<void> {
    const { files, clock, log } = this.#deps;
    const before = this.#tails.get(agentName);
    if (before?.position.path === path || !path.startsWith("/") || !this.#hears(agentName)) return;
    try {
      const nextByte = fromByte ?? (await files.size(path)) ?? 0;
      const tail = new TranscriptTail({ files, clock, log, take: (line) => this.#take(agentName, line) }, { path, nextByte });
      this.#tails.set(agentName, tail);
      await before?.[Symbol.asyncDispose]();
      await tail.start();
    } catch (thrown) {
      // The hooks tell most of it.
      log.warn({ agent: agentName, error: MosaicError.from(thrown).message }, "an agent's conversation can't be read");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#tails.values()].map((tail) => tail[Symbol.asyncDispose]()));
  }

  #hears(agentName: string): boolean {
    return this.#manners(agentName)?.hearTranscript !== undefined;
  }

  async #take(agentName: string, line: string): Promise<void> {
    const report = this.#manners(agentName)?.hearTranscript?.(line);
    if (!report) return;
    const atUnixMs = this.#deps.clock.nowUnixMs();
    await this.#deps.reports.hear(agentName, report, { atUnixMs, evidence: Evidence.TRANSCRIPT });
  }

  #manners(agentName: string) {
    const row = this.#deps.rowOf(agentName);
    return row && this.#deps.mannersOf(row.driftRuntime ?? row.runtime);
  }
}
