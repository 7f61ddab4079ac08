import { type Clock, MosaicError, type PaneFacts, type TerminalServer } from "@mosaic/core";
import { type Agent, AgentState, type Approval, HeartbeatStatus } from "@mosaic/wire";
import { type MannersOf, submitProfile, whyNotOn } from "./manners.ts";
import type { TypingWatch } from "./typing-watch.ts";

/** Whether an agent's composer may be typed into now. */
export type Lease =
  | ({ readonly kind: "free" } & FreeComposer)
  /** Not now; it is worth looking again. With the draft, where nothing else stands in the way. */
  | { readonly kind: "held"; readonly why: string; readonly draft?: Draft }
  /** There is no composer, and none is about to come. */
  | { readonly kind: "gone"; readonly why: string };

/** A composer, and which it is, where the runtime has more than one. */
export interface FreeComposer {
  readonly row: Agent;
  readonly pane: Pick<PaneFacts, "paneId" | "pid">;
  readonly composer?: string | undefined;
}

/** A text that stands in a composer, whoever put it there. */
export interface Draft extends FreeComposer {
  readonly text: string;
}

/** What an agent last said of itself. */
export interface AgentSaid {
  readonly status: HeartbeatStatus;
  readonly approvals: readonly Approval[];
  /** When it said so, in ms of this host's wall clock; absent: not known. */
  readonly atUnixMs?: number | undefined;
  /** When it last took a prompt, in ms of this host's wall clock; absent: it has told of none. */
  readonly promptAtUnixMs?: number | undefined;
}

export interface ComposerLeaseDeps {
  readonly terminal: TerminalServer;
  readonly clock: Clock;
  readonly mannersOf: MannersOf;
  readonly typing: TypingWatch;
  /** The agent's row as it is now; undefined: there is none. */
  readonly rowOf: (agentName: string) => Agent | undefined;
  /** What the agent itself said last, which may be newer than its row; undefined: nothing that still holds. */
  readonly saidOf: (agentName: string) => AgentSaid | undefined;
  /** True while the agent is expected to say that it started, and has not. Absent: none is. */
  readonly isStarting?: ((agentName: string) => boolean) | undefined;
  /** Resolves when rows show a reading of every plane that began after this call. */
  readonly refresh: () => Promise<void>;
}

/** How long what stands in the way may take to go away before it counts, in ms: a program that has just taken a prompt may not
 *  have redrawn yet, and systemd may not have seen yet that its process is dead. */
const GRACE_MS = 500;
const LOOK_AGAIN_MS = 50;
/** The same of an agent without a terminal: only who starts programs brings one. */
const LOOK_FOR_TERMINAL_MS = 250;
const RESTARTING: ReadonlySet<string> = new Set(["activating", "deactivating", "reloading"]);

/** Says whether an agent's composer is free: its process lives, nobody types, nothing stands in the composer or before it. Looks
 *  and changes nothing; what it can't see it does not allow. */
export class ComposerLease {
  readonly #deps: ComposerLeaseDeps;

  constructor(deps: ComposerLeaseDeps) {
    this.#deps = deps;
  }

  /** Looks. @param isFirst true: what stands in the way gets a moment to go away */
  async look(agentName: string, isFirst: boolean, signal: AbortSignal): Promise<Lease> {
    const { clock } = this.#deps;
    const endsAtMs = clock.monotonicMs() + (isFirst ? GRACE_MS : 0);
    for (;;) {
      const lease = await this.#lookOnce(agentName, signal).catch(asLease);
      if (lease.kind === "free" || clock.monotonicMs() >= endsAtMs || signal.aborted) return lease;
      await clock.sleep(lease.kind === "gone" ? LOOK_FOR_TERMINAL_MS : LOOK_AGAIN_MS, signal);
    }
  }

  async #lookOnce(agentName: string, signal: AbortSignal): Promise<Lease> {
    const { terminal, mannersOf, typing } = this.#deps;
    const pane = await this.#livePane(agentName, signal);
    const row = this.#deps.rowOf(agentName);
    if (pane === undefined || row === undefined) return withoutPane(agentName, row);
    const said = this.#whyNotBy(row);
    if (said !== undefined) return held(said);
    const typist = await typing.typist(agentName, pane.paneId, signal);
    if (typist !== undefined) return held(`${typist} is typing in its terminal`);
    const manners = mannersOf(row.runtime);
    const screen = await terminal.capture(pane.paneId, {}, signal);
    const why = whyNotOn(screen, manners, this.#sincePromptMs(agentName));
    if (why !== undefined) return held(why);
    const draft = manners?.draftOn?.(screen.lines);
    const free = { row, pane, composer: manners?.composerOn?.(screen.lines) };
    return draft === undefined ? { kind: "free", ...free } : heldBy({ text: draft, row, pane });
  }

  // Asked of tmux itself: a row may be a moment older. One that contradicts it is read again.
  async #livePane(agentName: string, signal: AbortSignal): Promise<PaneFacts | undefined> {
    const find = async () => {
      const told = this.#deps.rowOf(agentName)?.pane;
      if (!told?.alive) return undefined;
      const panes = await this.#deps.terminal.listPanes(signal);
      return panes.find(({ paneId, isDead }) => paneId === told.paneId && !isDead);
    };
    const found = await find();
    if (found !== undefined || !this.#deps.rowOf(agentName)?.pane?.alive) return found;
    await this.#deps.refresh();
    return await find();
  }

  // Asked after the screen: what is taken shows there no later than it is told.
  #sincePromptMs(agentName: string): number | undefined {
    const promptAtUnixMs = this.#deps.saidOf(agentName)?.promptAtUnixMs;
    return promptAtUnixMs === undefined ? undefined : this.#deps.clock.nowUnixMs() - promptAtUnixMs;
  }

  #whyNotBy(row: Agent): string | undefined {
    const said = this.#deps.saidOf(row.name);
    const [approval] = said?.approvals ?? row.approvals;
    // Enter would answer the question, and as a rule with yes.
    if (approval) return `it waits for leave${approval.tool === "" ? "" : ` to use ${approval.tool}`}`;
    if (this.#deps.isStarting?.(row.name)) return "it has not said yet that it started";
    const isBusy = said ? said.status === HeartbeatStatus.BUSY : row.state === AgentState.WORKING;
    const { whileBusy } = submitProfile(row.runtime, this.#deps.mannersOf(row.runtime));
    return isBusy && whileBusy === "hold" ? "it is in a turn, and is typed to when that ends" : undefined;
  }
}

function withoutPane(agentName: string, row: Agent | undefined): Lease {
  if (row?.systemd && RESTARTING.has(row.systemd.active)) return held("systemd is restarting it");
  return { kind: "gone", why: `agent "${agentName}"${row ? ` on ${row.host}` : ""} is not running` };
}

function held(why: string): Extract<Lease, { kind: "held" }> {
  return { kind: "held", why };
}

// Told by its length: its words are nobody else's business.
function heldBy(draft: Draft): Lease {
  return { ...held(`a draft of ${draft.text.length} characters is in the composer`), draft };
}

// Nothing was typed, so that nothing is lost by looking again.
function asLease(thrown: unknown): Lease {
  const error = MosaicError.from(thrown);
  return held(
    error.code === "AGENT_NOT_RUNNING" ? "its terminal has just ended" : `its terminal can't be read: ${error.message}`,
  );
}
