import { setTimeout as delay } from "node:timers/promises";
import type { FleetConnection } from "@mosaic/rpc";
import { HostState, type ListResponse } from "@mosaic/wire";
import type { Findings } from "../simulation/findings.ts";
import { checkAges, checkRows, type HeardHosts, type ListClaims } from "./list-checks.ts";

export interface ListProbeOptions extends ListClaims {
  readonly connect: () => FleetConnection;
  readonly findings: Findings;
  /** Pause between an answer and the next question, in ms. Default 20. */
  readonly everyMs?: number;
  /** Questions that are under way at the same time, each lane on a connection of its own. Default 1. */
  readonly lanes?: number;
}

/** When a host was first shown in a state after it was shown in another. */
interface Turn {
  readonly atMs: number;
  readonly state: HostState;
}

/** Asks for the whole fleet again and again and checks every answer for C1 and C2, until it is disposed. */
export class ListProbe implements AsyncDisposable {
  readonly #options: ListProbeOptions;
  readonly #stop = new AbortController();
  readonly #lanes: readonly Promise<void>[];
  readonly #turns = new Map<string, Turn[]>();
  readonly #heard: HeardHosts = new Map();
  /** Answers that were checked, and those of them that were asked for while something was faulted. */
  queries = 0;
  faultedQueries = 0;
  /** Questions that nobody answered in time, which is right while the answerer is dead. */
  unanswered = 0;
  /** Hosts or rows that were missing in an answer without a word. */
  silentlyMissing = 0;
  slowestMs = 0;
  /** The greatest age at which a host was shown as LIVE, in ms. */
  oldestLiveMs = 0;
  last: ListResponse | undefined;

  constructor(options: ListProbeOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: options.lanes ?? 1 }, () => this.#ask());
  }

  /** When a host was first shown in a state since an instant, in ms of `performance.now()`; undefined: not yet. */
  firstMs(host: string, state: HostState, sinceMs: number): number | undefined {
    const turns = this.#turns.get(host) ?? [];
    const at = turns.findIndex((turn, index) => turn.state === state && (turns[index + 1]?.atMs ?? Infinity) >= sinceMs);
    const found = turns[at];
    return found && Math.max(found.atMs, sinceMs);
  }

  /** True when each of these is shown in that state by the newest answer. */
  shows(hosts: readonly string[], state: HostState): boolean {
    const states = new Map(this.last?.hosts.map((host) => [host.host, host.state]));
    return hosts.every((host) => states.get(host) === state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#lanes);
  }

  async #ask(): Promise<void> {
    const { connect, everyMs = 20 } = this.#options;
    let connection = connect();
    while (!this.#stop.signal.aborted) {
      try {
        await this.#askOnce(connection);
      } catch (thrown) {
        if (!isUnanswered(thrown)) throw thrown;
        this.unanswered += 1;
        await connection[Symbol.asyncDispose]();
        connection = connect();
        await delay(100);
      }
      await delay(everyMs);
    }
    await connection[Symbol.asyncDispose]();
  }

  async #askOnce({ client }: FleetConnection): Promise<void> {
    const { ledger, findings } = this.#options;
    const silent = ledger.silent.flatMap((host) => {
      const sinceMs = ledger.silentSinceMs(host);
      return sinceMs === undefined ? [] : [[host, sinceMs] as const];
    });
    const asked = { atMs: performance.now(), silentSinceMs: new Map(silent) };
    const isFaulted = ledger.isFaulted;
    const answer = await client.list({}, { timeoutMs: 5000 });
    const atMs = performance.now();
    this.slowestMs = Math.max(this.slowestMs, atMs - asked.atMs);
    this.silentlyMissing += checkRows(answer, asked.atMs, this.#options, this.#heard, findings);
    checkAges(answer, asked, this.#options, findings);
    this.queries += 1;
    if (isFaulted || ledger.isFaulted) this.faultedQueries += 1;
    this.last = answer;
    for (const host of answer.hosts) {
      this.#note(host.host, host.state, atMs);
      if (host.state === HostState.LIVE) this.oldestLiveMs = Math.max(this.oldestLiveMs, Number(host.ageMs));
    }
  }

  #note(host: string, state: HostState, atMs: number): void {
    const turns = this.#turns.get(host) ?? [];
    this.#turns.set(host, turns);
    if (turns.at(-1)?.state !== state) turns.push({ atMs, state });
  }
}

function isUnanswered(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === "ConnectError";
}
