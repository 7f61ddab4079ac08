import { type AuditLog, type Clock, type FileStore, type Log, MosaicError } from "@mosaic/core";
import { type Agent, type Approval, type DecideRequest, Decision } from "@mosaic/wire";
import { NO_LABEL } from "../attach.ts";
import type { HeartbeatRegistry } from "../heartbeat-registry.ts";

export interface DecisionsDeps {
  readonly registry: HeartbeatRegistry;
  readonly audit: AuditLog;
  readonly files: FileStore;
  readonly runDirectory: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What became of an answer. */
export interface Decided {
  readonly confirmed: boolean;
  readonly detail: string;
}

/** How long it is waited for a word that an answer was taken, in ms: hooks look once a second at least. */
const CONFIRM_MS = 5000;

/** Answers what agents ask leave for: on record first, then in the file that the asking hook waits for. What the agent makes of it,
 *  and nothing else, confirms it. */
export class Decisions implements Disposable {
  readonly #deps: DecisionsDeps;
  /** Answers handed over and not seen taken, by path of their file. */
  readonly #handed = new Map<string, { readonly agentName: string; readonly requestId: string; readonly decision: string }>();
  readonly #following: Disposable;

  constructor(deps: DecisionsDeps) {
    this.#deps = deps;
    this.#following = deps.registry.onChange((agentName) => this.#takeBackAnswered(agentName));
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
  }

  /** Answers one request of an agent, and waits a little for the agent's word that it took the answer.
   *  @throws MosaicError APPROVAL_NOT_FOUND for a request that is not open (any more), USAGE for one that was answered otherwise, NOT_HERE for one that only a
   *    person at the agent's terminal can answer, MACHINE when it can't be recorded or handed over */
  async decide(agent: Agent, request: DecideRequest, signal: AbortSignal): Promise<Decided> {
    const decision = request.decision === Decision.ALLOW ? "allow" : "deny";
    if (request.decision === Decision.UNSPECIFIED) throw new MosaicError("USAGE", "say what is decided: allow or deny");
    const approval = this.#open(agent, request.requestId);
    const path = this.#path(agent.name, approval.requestId);
    const earlier = this.#handed.get(path);
    if (earlier !== undefined && earlier.decision !== decision)
      throw new MosaicError(
        "USAGE",
        `request "${approval.requestId}" of "${agent.name}" was answered already: ${earlier.decision}`,
      );
    if (earlier === undefined) await this.#handOver(agent, request, approval, { path, decision });
    const confirmed = await this.#isTaken(agent.name, approval.requestId, signal);
    const detail = confirmed ? "the agent took the answer" : "handed over; the agent has not said yet that it took it";
    return { confirmed, detail };
  }

  /** Has the hook of an open request end without an answer, so that the runtime asks whoever sits before the agent. One that was
   *  answered already is left alone. @throws MosaicError MACHINE when that can't be handed over */
  async leaveToTerminal(agentName: string, requestId: string): Promise<void> {
    const path = this.#path(agentName, requestId);
    if (this.#handed.has(path) || !isFileName(requestId)) return;
    this.#handed.set(path, { agentName, requestId, decision: "ask" });
    try {
      await this.#deps.files.write(path, `${JSON.stringify({ decision: "ask" })}\n`, 0o600);
    } catch (thrown) {
      this.#handed.delete(path);
      throw thrown;
    }
  }

  async #handOver(
    agent: Agent,
    { comment, sourceLabel }: DecideRequest,
    { requestId, tool }: Approval,
    { path, decision }: { readonly path: string; readonly decision: string },
  ): Promise<void> {
    const { audit, files } = this.#deps;
    // Noted before anything is awaited: two answers at the same time are one and a refusal.
    this.#handed.set(path, { agentName: agent.name, requestId, decision });
    try {
      const { tenantId, host, name } = agent;
      const facts = { request_id: requestId, tool, decision, comment_length: comment.length };
      await audit.record({ action: "agent.decide", actor: sourceLabel || NO_LABEL, tenantId, host, agent: name, facts });
      await files.write(path, `${JSON.stringify({ decision, comment })}\n`, 0o600);
    } catch (thrown) {
      this.#handed.delete(path);
      throw thrown;
    }
  }

  #open(agent: Agent, requestId: string): Approval {
    const approval = this.#approval(agent.name, requestId);
    const where = `"${agent.name}" on ${agent.host}`;
    if (!approval) {
      throw new MosaicError("APPROVAL_NOT_FOUND", `${where} asks no leave with the id ${JSON.stringify(requestId)}`, {
        hint: "see what is open: mosaic agent approvals list",
      });
    }
    if (approval.answerable && isFileName(requestId)) return approval;
    throw new MosaicError("NOT_HERE", `request "${requestId}" of ${where} can be answered only at its terminal`, {
      hint: `take it over: mosaic agent attach ${agent.host}/${agent.name}`,
    });
  }

  #approval(agentName: string, requestId: string): Approval | undefined {
    return this.#deps.registry.said(agentName)?.approvals.find((approval) => approval.requestId === requestId);
  }

  async #isTaken(agentName: string, requestId: string, signal: AbortSignal): Promise<boolean> {
    const isTaken = () => this.#approval(agentName, requestId) === undefined;
    const over = new AbortController();
    const end = () => over.abort();
    signal.addEventListener("abort", end, { once: true });
    using _ = this.#deps.registry.onChange(() => (isTaken() ? end() : undefined));
    if (!isTaken() && !signal.aborted) await this.#deps.clock.sleep(CONFIRM_MS, over.signal);
    signal.removeEventListener("abort", end);
    return isTaken();
  }

  // An answer that nobody waits for any more must not be found by the next request.
  #takeBackAnswered(agentName: string): void {
    for (const [path, handed] of this.#handed) {
      if (handed.agentName !== agentName || this.#approval(agentName, handed.requestId) !== undefined) continue;
      this.#handed.delete(path);
      this.#deps.files.remove(path).catch((thrown: unknown) => {
        this.#deps.log.warn({ path, error: MosaicError.from(thrown).message }, "an answer that was taken can't be removed");
      });
    }
  }

  #path(agentName: string, requestId: string): string {
    return `${this.#deps.runDirectory}/answers/${agentName}/${requestId}.json`;
  }
}

function isFileName(requestId: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/.test(requestId);
}
