import { type AgentReport, type AgentSaid, type Clock, type FileStore, type Log, MosaicError } from "@mosaic/core";
import type { StateReading } from "@mosaic/runtimes";
import { type Agent, Evidence, HeartbeatStatus } from "@mosaic/wire";
import type { MannersOf } from "../delivery/manners.ts";
import type { HeartbeatRegistry } from "../heartbeat-registry.ts";
import type { AgentReports } from "./agent-reports.ts";
import type { ProcessRoll } from "./process-roll.ts";

export interface StateLookDeps {
  readonly agents: () => readonly Agent[];
  readonly processes: ProcessRoll;
  readonly registry: Pick<HeartbeatRegistry, "said">;
  readonly reports: Pick<AgentReports, "hear">;
  readonly mannersOf: MannersOf;
  readonly files: Pick<FileStore, "read">;
  /** The agents' home directory. */
  readonly home: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often it is looked, in ms. */
const LOOK_EVERY_MS = 5000;
/** What a hook has to say of a change is heard by then, in ms. */
const QUIET_MS = 5000;

/** Looks at the small file that a runtime keeps of its own process, while an agent is in a turn and its hooks are silent: of a
 *  turn that was interrupted no hook tells. */
export class StateLook implements AsyncDisposable {
  readonly #deps: StateLookDeps;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;

  constructor(deps: StateLookDeps) {
    this.#deps = deps;
    this.#loop = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, agents, log } = this.#deps;
    while (!this.#stop.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      for (const row of agents()) {
        await this.#look(row).catch((thrown: unknown) =>
          log.debug({ agent: row.name, error: MosaicError.from(thrown).message }, "an agent's state file can't be taken"),
        );
      }
    }
  }

  async #look({ name, runtime }: Agent): Promise<void> {
    const { processes, registry, reports, mannersOf, files, home, clock } = this.#deps;
    const [manners, process, said] = [mannersOf(runtime), processes.of(name), registry.said(name)];
    if (!manners?.stateFile || !manners.hearState || !process || said?.reading.processPid !== process.pid) return;
    if (!isInTurn(said) || lastWordMs(said) > clock.nowUnixMs() - QUIET_MS) return;
    const text = await files.read(manners.stateFile(home, process.pid));
    const state = text === undefined ? undefined : manners.hearState(text);
    if (!state || state.sinceUnixMs <= lastWordMs(said) || state.sinceUnixMs > clock.nowUnixMs() - QUIET_MS) return;
    if (state.status === said.reading.status) return;
    await reports.hear(name, reportOf(state, said), { atUnixMs: state.sinceUnixMs, evidence: Evidence.HOOK });
  }
}

function isInTurn({ reading: { status } }: AgentSaid): boolean {
  return status === HeartbeatStatus.BUSY || status === HeartbeatStatus.WAITING;
}

function lastWordMs({ reading }: AgentSaid): number {
  return Math.max(reading.atUnixMs, reading.progressAtUnixMs ?? 0);
}

// It is idle, and no hook told of an end: somebody has interrupted it.
function reportOf({ status, waitingFor, sessionId }: StateReading, { reading: { turnId } }: AgentSaid): AgentReport {
  const report = { status, ...(waitingFor && { waitingFor }), ...(sessionId && { sessionId }) };
  if (status !== HeartbeatStatus.IDLE) return report;
  const brokenTurns = turnId === "" ? [] : [{ turnId, isInterrupted: true, detail: "interrupted in its terminal" }];
  return { ...report, brokenTurns, resolvedRequestIds: ["*"] };
}
