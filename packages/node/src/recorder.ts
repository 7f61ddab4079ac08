import {
  type Log,
  MosaicError,
  type PaneFacts,
  type Recording,
  type Roster,
  type RosterAgent,
  sessionNameOf,
  type TerminalServer,
} from "@mosaic/core";
import { PokedLoop } from "./poked-loop.ts";
import { SessionRecording, type SessionRecordingDeps } from "./recording/session-recording.ts";

export interface RecorderDeps extends SessionRecordingDeps {
  readonly terminal: Pick<TerminalServer, "listPanes">;
  readonly roster: { readonly value: Roster };
  readonly log: Log;
  /** {@link Recorder.problems} tells something else than before. */
  readonly onProblems?: () => void;
}

/** Records the terminals of the agents whose roster entry asks for it. */
export interface Recorder extends AsyncDisposable {
  /** Says that the roster or a session may have changed. Cheap; many calls make one look. */
  touch(): void;
  /** Agents that should be recorded and are not, with the reason. */
  problems(): ReadonlyMap<string, string>;
}

/** Starts to record. Nothing that goes wrong with it is thrown or stops anything else: it is told by `problems`, and tried
 *  again after 60 s. Disposing closes all files. */
export function startRecorder(deps: RecorderDeps): Recorder {
  return new RunningRecorder(deps);
}

/** An event can be missed; behind them is this slow look. */
const LOOK_MS = 5000;
const LEAST_PAUSE_MS = 100;
const RETRY_MS = 60_000;
/** After a session that was gone before it was seen: it is about to come or to go. */
const VANISHED_MS = 2000;
/** tmux answers within 5 s or not at all, and a disk takes a second's buffer. */
const STANDSTILL_MS = 30_000;
/** What a disk that stands still keeps open holds up nobody's end for longer. */
const END_MS = 5000;

interface RunningRecording {
  readonly recording: SessionRecording;
  readonly pane: PaneFacts;
  readonly limits: Recording;
  /** True once something of it is on disk. */
  wasSeen: boolean;
}

class RunningRecorder implements Recorder {
  readonly #deps: RecorderDeps;
  readonly #stop = new AbortController();
  readonly #running = new Map<string, RunningRecording>();
  readonly #problems = new Map<string, string>();
  /** Agents that are to be left alone for a while, with the monotonic time until when. */
  readonly #waiting = new Map<string, number>();
  readonly #ending = new Map<Promise<void>, string>();
  readonly #loop: PokedLoop;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#loop = new PokedLoop({ clock: deps.clock, pauseMs: () => LOOK_MS, work: () => this.#lookAndRest() });
    // The first look is now.
    this.#loop.poke();
    this.#loop.start();
  }

  touch(): void {
    this.#loop.poke();
  }

  problems(): ReadonlyMap<string, string> {
    return this.#problems;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loop[Symbol.asyncDispose]();
    for (const agent of [...this.#running.keys()]) this.#end(agent);
    const patience = new AbortController();
    const ended = Promise.all(this.#ending.keys()).then(() => patience.abort());
    await Promise.race([ended, this.#deps.clock.sleep(END_MS, patience.signal)]);
  }

  async #lookAndRest(): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stop;
    await this.#look().catch((thrown: unknown) => {
      if (!signal.aborted) log.debug({ error: MosaicError.from(thrown).message }, "can't see which sessions to record");
    });
    await clock.sleep(LEAST_PAUSE_MS, signal);
  }

  async #look(): Promise<void> {
    const { roster, terminal } = this.#deps;
    const wanted = new Map<string, RosterAgent>();
    for (const agent of roster.value.agents) if (agent.recording) wanted.set(agent.name, agent);
    for (const agent of [...this.#problems.keys(), ...this.#waiting.keys()]) if (!wanted.has(agent)) this.#forget(agent);
    for (const agent of [...this.#running.keys()]) if (!wanted.has(agent)) this.#end(agent);
    if (wanted.size === 0) return;
    const panes = new Map<string, PaneFacts>();
    // The first pane of a session is the agent's; others are somebody's who split its window.
    for (const pane of await terminal.listPanes(this.#stop.signal)) if (!panes.has(pane.session)) panes.set(pane.session, pane);
    for (const agent of wanted.values()) this.#follow(agent, panes.get(sessionNameOf(agent.name)));
  }

  #follow(agent: RosterAgent, pane: PaneFacts | undefined): void {
    const running = this.#running.get(agent.name);
    // Its end is told by the tape, after the last output.
    if (pane === undefined || agent.recording === undefined) return;
    if (running && isSame(running, pane, agent.recording)) return this.#checkProgress(agent.name, running);
    if (running) this.#end(agent.name);
    const untilMs = this.#waiting.get(agent.name) ?? 0;
    // One that can't end hangs at its disk, where another would only hang beside it.
    if (this.#problems.has(agent.name) && [...this.#ending.values()].includes(agent.name)) return;
    if (!pane.isDead && this.#deps.clock.monotonicMs() >= untilMs) this.#start(agent.name, pane, agent.recording);
  }

  #checkProgress(agent: string, running: RunningRecording): void {
    const reason = running.recording.whyAtAStandstill(STANDSTILL_MS);
    if (reason !== undefined) this.#failed(agent, running, new MosaicError("MACHINE", reason));
  }

  #start(agent: string, pane: PaneFacts, limits: Recording): void {
    const { tenantId, host } = this.#deps.roster.value;
    const recording = new SessionRecording(this.#deps, {
      agent,
      session: pane.session,
      paneId: pane.paneId,
      title: `${tenantId}/${host}/${agent}`,
      limits,
      onWritten: () => {
        running.wasSeen = true;
        this.#forget(agent);
      },
      onEnded: () => this.#endOf(agent, running),
      onFailure: (error) => this.#failed(agent, running, error),
    });
    const running: RunningRecording = { recording, pane, limits, wasSeen: false };
    this.#running.set(agent, running);
  }

  #endOf(agent: string, running: RunningRecording): void {
    if (this.#running.get(agent) !== running) return;
    if (!running.wasSeen) this.#waiting.set(agent, this.#deps.clock.monotonicMs() + VANISHED_MS);
    this.#end(agent);
    this.touch();
  }

  #failed(agent: string, running: RunningRecording, error: MosaicError): void {
    if (this.#running.get(agent) !== running) return;
    if (!this.#problems.has(agent))
      this.#deps.log.warn({ agent, error: error.message }, "recording stopped; trying again in 60 s");
    this.#waiting.set(agent, this.#deps.clock.monotonicMs() + RETRY_MS);
    this.#tellProblem(agent, error.message);
    this.#end(agent);
  }

  #end(agent: string): void {
    const running = this.#running.get(agent);
    if (running === undefined) return;
    this.#running.delete(agent);
    const ending = running.recording[Symbol.asyncDispose]().finally(() => this.#ending.delete(ending));
    this.#ending.set(ending, agent);
  }

  #forget(agent: string): void {
    this.#waiting.delete(agent);
    this.#tellProblem(agent, undefined);
  }

  #tellProblem(agent: string, message: string | undefined): void {
    if (this.#problems.get(agent) === message) return;
    if (message === undefined) this.#problems.delete(agent);
    else this.#problems.set(agent, message);
    this.#deps.onProblems?.();
  }
}

// Another process in the pane is another run of the agent; a dead one may still have output on its way.
function isSame({ pane: before, limits }: RunningRecording, pane: PaneFacts, wanted: Recording): boolean {
  const isSamePane = pane.paneId === before.paneId && (pane.isDead || pane.pid === before.pid);
  return isSamePane && limits.maxFileBytes === wanted.maxFileBytes && limits.maxFiles === wanted.maxFiles;
}
