import { type Clock, type Counters, MosaicError } from "@mosaic/core";
import type { Selector } from "@mosaic/wire";
import type { Upstream } from "../upstream.ts";
import { askMember, failureOf, type Heard, type HeardFailure } from "./ask-member.ts";
import type { Entry } from "./breaker.ts";
import { FairSlots } from "./fair-slots.ts";
import { FAN_OUT_LIMITS, type FanOutLimits, LEAST_TIME_MS } from "./fan-out-limits.ts";
import { RetryBucket } from "./retry-bucket.ts";

export interface FanOutDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly counters: Counters;
}

/** One question to members. */
export interface FanOutCall {
  readonly selector: Selector | undefined;
  /** The ids of the aggregators that it came by. */
  readonly via: readonly string[];
  readonly traceparent: string | undefined;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
  /** When the answers must be there, on our monotonic clock. */
  readonly endsAtMs: number;
}

/** Most time before a retry, in ms; full jitter below it. */
const RETRY_PAUSE_MS = 100;
/** A member that had less time than this did not fail: it was hardly asked. */
const FAIR_TIME_MS = 1000;

/** Asks members on callers' behalf, all callers' questions within one set of limits: places by tenant, connections being made, a
 *  breaker for each member, retries by a bucket (federation, 5.4). */
export class FanOut {
  readonly #deps: FanOutDeps;
  readonly limits: FanOutLimits;
  readonly #calls: FairSlots;
  /** Also taken by whoever else makes connections to members. */
  readonly handshakes: FairSlots;
  readonly #retries = new RetryBucket();

  constructor(deps: FanOutDeps, limits: FanOutLimits = FAN_OUT_LIMITS) {
    this.#deps = deps;
    this.limits = limits;
    this.#calls = new FairSlots(limits.calls);
    this.handshakes = new FairSlots(limits.handshakes);
  }

  /** Asks every one of the members, those whose way is known not to work without a call.
   *  @returns what each said, within the call's time whatever they do */
  async ask(members: readonly Upstream[], call: FanOutCall): Promise<Map<Upstream, Heard>> {
    const heard = new Map<Upstream, Heard>();
    using time = untilTime(this.#deps.clock, call.endsAtMs, call.signal);
    await Promise.all(members.map(async (member) => heard.set(member, await this.#askOne(member, call, time.signal))));
    return heard;
  }

  async #askOne(upstream: Upstream, call: FanOutCall, signal: AbortSignal): Promise<Heard> {
    const entry = upstream.breaker.enter();
    if (entry.kind === "open") return this.#kept(entry);
    let isTold = false;
    try {
      for (let attempt = 1; ; attempt += 1) {
        const heard = await this.#attempt(upstream, call, signal);
        isTold ||= heard.wasAsked;
        if (attempt > 1 || !this.#mayRetry(upstream, heard.said)) return heard.said;
        this.#deps.counters.add("live_retries_total");
        await this.#deps.clock.sleep(this.#deps.random() * RETRY_PAUSE_MS, signal);
        if (signal.aborted) return heard.said;
      }
    } finally {
      if (!isTold) upstream.breaker.givenUp();
    }
  }

  // The places come first: the member's time begins when it is asked.
  async #attempt(upstream: Upstream, call: FanOutCall, signal: AbortSignal): Promise<{ said: Heard; wasAsked: boolean }> {
    const { clock } = this.#deps;
    using place = await this.#calls.enter(upstream.member.tenantId, upstream, signal);
    using connecting =
      place && !upstream.isConnected ? await this.handshakes.enter(groupOf(upstream), upstream, signal) : undefined;
    const isIn = place !== undefined && (upstream.isConnected || connecting !== undefined);
    const leftMs = Math.floor(Math.min(this.limits.memberDeadlineMs, call.endsAtMs - clock.monotonicMs()));
    if (!isIn || leftMs < LEAST_TIME_MS) return { said: noTurn(), wasAsked: false };
    using time = untilTime(clock, clock.monotonicMs() + leftMs, signal);
    this.#retries.noteCall();
    try {
      const maxBytes = this.limits.bytesPerAnswer;
      const said = await askMember(upstream, { ...call, signal: time.signal, timeoutMs: leftMs, maxBytes });
      upstream.breaker.succeeded();
      return { said, wasAsked: true };
    } catch (thrown) {
      const said = failureOf(thrown, time.signal, leftMs);
      return { said, wasAsked: this.#judge(upstream, said, leftMs, call.signal) };
    }
  }

  /** Tells the breaker what a failure says of the way. @returns false: nothing */
  #judge({ breaker }: Upstream, failure: HeardFailure, leftMs: number, caller: AbortSignal): boolean {
    const isLate = failure.code === "DEADLINE_EXCEEDED";
    if (caller.aborted || failure.code === "CANCELLED" || (isLate && leftMs < FAIR_TIME_MS)) return false;
    const wasOpen = breaker.isOpen;
    // Whoever refuses is there.
    if (isLate || failure.code === "UNAVAILABLE") breaker.failed(failure);
    else breaker.succeeded();
    if (breaker.isOpen && !wasOpen) this.#deps.counters.add("breaker_opened_total");
    return true;
  }

  #mayRetry({ breaker }: Upstream, said: Heard): boolean {
    return said.kind === "failure" && said.code === "UNAVAILABLE" && !breaker.isOpen && this.#retries.take();
  }

  #kept({ failure, failures, ageMs, retryInMs }: Extract<Entry, { kind: "open" }>): Heard {
    this.#deps.counters.add("breaker_refused_total");
    const detail = `${failure.detail}; not asked again: failed ${failures} times, the last ${secondsText(ageMs)} ago`;
    return { kind: "failure", code: failure.code, detail, isOurs: false, retryInMs };
  }
}

/** The group of handshakes that a member's belong to. */
function groupOf({ link }: Upstream): string {
  return link.kind === "lost" ? "lost" : "fresh";
}

function noTurn(): HeardFailure {
  return { kind: "failure", code: "RESOURCE_EXHAUSTED", detail: "its turn did not come before the deadline", isOurs: true };
}

function secondsText(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/** A signal that aborts with DEADLINE at an instant of the clock, or with another; disposing ends the waiting. */
function untilTime(clock: Clock, atMs: number, other: AbortSignal): { readonly signal: AbortSignal } & Disposable {
  const call = new AbortController();
  const over = new AbortController();
  const pass = () => call.abort(other.reason);
  if (other.aborted) pass();
  other.addEventListener("abort", pass, { once: true });
  void clock.sleep(Math.max(0, atMs - clock.monotonicMs()), over.signal).then(() => {
    if (!over.signal.aborted) call.abort(new MosaicError("DEADLINE", "the time is over"));
  });
  return {
    signal: call.signal,
    [Symbol.dispose]: () => {
      other.removeEventListener("abort", pass);
      over.abort("answered");
    },
  };
}
