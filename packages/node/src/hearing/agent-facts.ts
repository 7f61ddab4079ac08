import type { AgentTold, Clock } from "@mosaic/core";
import type { OpenMessages } from "../delivery/open-messages.ts";
import type { HeartbeatRegistry } from "../heartbeat-registry.ts";

export interface AgentFactsDeps {
  readonly registry: Pick<HeartbeatRegistry, "said">;
  readonly open: Pick<OpenMessages, "pending">;
  /** Why the agent's hooks count as dead; empty: they don't. */
  readonly whyHookless: (agentName: string) => string;
  /** The conversation that the agent could not go on with; empty: none. */
  readonly failedSession: (agentName: string) => string;
  readonly clock: Clock;
  /** Called when what is told of an agent changed. */
  readonly onChange: () => void;
}

/** Messages come and go in a burst; who only passes through need not be told. */
const SOON_MS = 250;

/** What the node tells of each agent beside its planes. The same facts are the same object. */
export class AgentFacts implements AsyncDisposable {
  readonly #deps: AgentFactsDeps;
  #told: ReadonlyMap<string, AgentTold> = new Map();
  readonly #soon = new Set<string>();
  readonly #stop = new AbortController();
  #looking: Promise<void> | undefined;

  constructor(deps: AgentFactsDeps) {
    this.#deps = deps;
  }

  /** By agent name. The same map until something changes. */
  told(): ReadonlyMap<string, AgentTold> {
    return this.#told;
  }

  /** Looks again at one agent. */
  refresh(agentName: string): void {
    this.#refreshAll([agentName]);
  }

  /** The same in a moment, once for all that happens until then. */
  refreshSoon(agentName: string): void {
    this.#soon.add(agentName);
    this.#looking ??= this.#lookSoon();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #lookSoon(): Promise<void> {
    await this.#deps.clock.sleep(SOON_MS, this.#stop.signal);
    this.#looking = undefined;
    const names = [...this.#soon];
    this.#soon.clear();
    if (!this.#stop.signal.aborted) this.#refreshAll(names);
  }

  // One new map for all of them: in a burst that is every agent of the host, four times a second.
  #refreshAll(agentNames: readonly string[]): void {
    let told: Map<string, AgentTold> | undefined;
    for (const agentName of agentNames) {
      const now = this.#look(agentName);
      if (isSame(this.#told.get(agentName) ?? NOTHING, now)) continue;
      told ??= new Map(this.#told);
      if (isSame(now, NOTHING)) told.delete(agentName);
      else told.set(agentName, now);
    }
    if (!told) return;
    this.#told = told;
    this.#deps.onChange();
  }

  #look(agentName: string): AgentTold {
    const { registry, open, whyHookless, failedSession } = this.#deps;
    const said = registry.said(agentName);
    const pending = open.pending(agentName).filter(({ injecting }) => injecting === undefined);
    return {
      approvals: said?.approvals.length ? said.approvals : NOTHING.approvals,
      sessionId: said?.sessionId ?? "",
      pendingMessages: pending.length,
      held: pending[0]?.receipt.held ?? "",
      hookless: whyHookless(agentName),
      failedSessionId: failedSession(agentName),
    };
  }
}

const NOTHING: AgentTold = { approvals: [], sessionId: "", pendingMessages: 0, held: "", hookless: "", failedSessionId: "" };

function isSame(a: AgentTold, b: AgentTold): boolean {
  return (Object.keys(NOTHING) as (keyof AgentTold)[]).every((key) => a[key] === b[key]);
}
