import type { AgentReport, HeartbeatStatus, PaneCapture, ProcessFacts, RosterAgent } from "@mosaic/core";
import type { HookKit } from "./hook-kit.ts";
import type { LaunchContext, RuntimeLaunch } from "./launch.ts";

export type { LaunchContext, RuntimeLaunch } from "./launch.ts";

/** What Mosaic knows of one agent runtime: how it is started, told from others, typed to and heard. */
export interface RuntimeAdapter {
  /** As the roster names it. */
  readonly name: string;
  /** What is typed to start a fresh conversation when the roster does not say. Absent: not known, or there is none. */
  readonly resetCommand?: string;
  /** Whether the runtime writes heartbeats by itself; for one that doesn't, a sidecar says that its process lives. */
  readonly reportsItself: boolean;
  /** Says what to start for an agent. Pure: whether the program is there shows when it is started.
   *  @throws MosaicError ROSTER_INVALID when the agent's entry can't be turned into a command line. */
  launch(agent: RosterAgent, context: LaunchContext): RuntimeLaunch;
  /** True when the process certainly is this runtime, in the releases that were measured; false also means "can't tell".
   *  @param children the direct children of the process: some runtimes are a small parent and the real program below. */
  recognises(process: ProcessFacts, children: readonly ProcessFacts[]): boolean;
  /** Finds the draft that stands in the composer, so that a message is not typed into it.
   *  Absent: not known how this runtime's composer looks.
   *  @returns undefined when the composer is empty or can't be found. */
  draftOn?(screen: readonly string[]): string | undefined;
  /** Names which composer an empty one on the screen is, where a runtime has more than one: what was typed into one is not in the
   *  next. Absent: there is only one. */
  composerOn?(screen: readonly string[]): string | undefined;
  /** The key that empties the composer while the agent is at rest, by tmux's name. Absent: a text that the runtime leaves there after
   *  it took it is left alone. */
  readonly clearsDraft?: string;
  /** How a text is submitted. Absent: {@link DEFAULT_SUBMIT}. */
  readonly submit?: SubmitProfile;
  /** Says why a text typed now would not reach the composer: a login, a dialog, a program that still starts.
   *  Absent, or undefined: nothing speaks against it.
   *  @param sincePromptMs how long ago it told that it took a prompt; undefined: not known */
  blockedBy?(screen: PaneCapture, sincePromptMs?: number): string | undefined;
  /** Reads one event that the runtime's hook, plugin or extension left in the spool; undefined: it tells nothing.
   *  Pure; never throws, whatever the payload holds. */
  hear?(event: HookEvent): AgentReport | undefined;
  /** False: its first event comes only with its first prompt, so that silence after its start says nothing. Absent: it tells of
   *  its start at once. */
  readonly announcesStart?: boolean;
  /** Reads one line of the conversation file that the runtime writes itself. Pure; never throws. */
  hearTranscript?(line: string): AgentReport | undefined;
  /** A small file that the runtime keeps about its own process, where there is one: what to look at when nothing else told for a
   *  while how a turn went on. @param home the agent's home directory, @param pid its process */
  stateFile?(home: string, pid: number): string;
  /** Reads that file; undefined: it tells nothing. Pure; never throws. */
  hearState?(text: string): StateReading | undefined;
  /** True: it shows its own dialog only when the hook that waits for an answer has ended without one. Absent: both are open. */
  readonly hookHidesDialog?: boolean;
  /** What Mosaic puts where the runtime finds it, so that it reports. Absent: it reports by itself, or can't. */
  readonly hooks?: HookKit;
  /** The launch line that goes on with a conversation, given the runtime's id of it. Absent: it can't be resumed. */
  resume?(agent: RosterAgent, context: LaunchContext, sessionId: string): RuntimeLaunch;
  /** Arguments that make the program print its version. */
  readonly versionArguments?: readonly string[];
}

/** What a runtime says of itself in its state file. */
export interface StateReading {
  readonly status: HeartbeatStatus;
  /** Since when, in ms of the host's wall clock. */
  readonly sinceUnixMs: number;
  readonly sessionId?: string | undefined;
  /** What a WAITING agent waits for, in the runtime's words. */
  readonly waitingFor?: string | undefined;
}

/** How a text is submitted to a runtime. */
export interface SubmitProfile {
  /** Between paste and Enter, in ms. */
  readonly settleMs: number;
  /** What happens to a text while the agent is in a turn: `type` it, the runtime queues it; or `hold` it until the turn ends. */
  readonly whileBusy: "type" | "hold";
  /** True where a paste has to show in the composer before the time above begins: a program that is slow to read takes paste and
   *  Enter for one, and the Enter is lost. Needs `draftOn`. */
  readonly awaitsDraft?: boolean;
  /** The composer, as `composerOn` names it, in which a text that stands some seconds after its Enter was certainly not taken, and in
   *  which an Enter without a text does nothing: there Enter is pressed once more. Absent: nowhere. */
  readonly enterAgainIn?: string;
  /** How long after the end of a turn no Enter is pressed, in ms: a text that is submitted in that moment may stay in the composer
   *  although it is taken. Default 0. */
  readonly restMs?: number;
}

/** Measured: 200 to 300 ms is enough for all four real agents to tell a paste from the key that follows it. */
export const DEFAULT_SUBMIT: SubmitProfile = { settleMs: 250, whileBusy: "type" };

/** One event as it lies in the spool. */
export interface HookEvent {
  /** What the runtime handed over, as it came: for claude and codex the JSON of the hook. */
  readonly payload: unknown;
  /** When it was written, in ms of the host's wall clock. */
  readonly atUnixMs: number;
}
