import { type Clock, FleetView, type Log, MosaicError, type ViewStep } from "@mosaic/core";
import { type Address, formatAddress, type Member, memberName } from "@mosaic/core/membership";
import { type FleetConnection, statusNameOf } from "@mosaic/rpc";
import { HostState, type InfoResponse } from "@mosaic/wire";
import { Breaker } from "./fan-out/breaker.ts";
import type { FairSlots } from "./fan-out/fair-slots.ts";
import { BOOKMARK_INTERVAL_MS, type Link, LOST_AFTER_MS, retryDelayMs, SILENT_AFTER_MS } from "./link.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { assertIsMember, assertSpeaksForItself, lostStateOf, reasonOf } from "./who-answers.ts";

export interface UpstreamDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly connect: (address: Address, member: Member) => FleetConnection;
  /** Members that are lost now, for pacing attempts. */
  readonly countLost: () => number;
  /** This aggregator's id: a member that turns out to be ourselves is refused. */
  readonly ownId: string;
  /** Places for making connections, shared by all members: too many at once fail all of them. Default: no limit. */
  readonly handshakes?: FairSlots | undefined;
  /** Looks after all members that may fall silent. Default: one for each. */
  readonly silence?: SilenceWatch | undefined;
}

export interface UpstreamEvents {
  /** The member's view changed. */
  readonly onStep: (upstream: Upstream, step: Extract<ViewStep, { kind: "changed" }>) => void;
  /** The link's state changed. */
  readonly onLink: (upstream: Upstream) => void;
}

/** Frames after which the view holds all that the member had to tell. */
const COMPLETES: ReadonlySet<string | undefined> = new Set(["bookmark", "snapshotEnd"]);
/** Limits of one attempt, in ms. */
const CALL_TIMEOUT_MS = 2000;
/** A member that asks to come back is followed at once, unless it asks again so soon that something else is wrong, or wants a pause
 *  that would make its hosts old: then it is lost like any other. In ms. */
const LEAST_STREAM_MS = 10_000;
const LONGEST_RETURN_MS = 2000;

/** Our side of one member: holds a Watch on it, keeps a view of what it told, and says how far that can be trusted. */
export class Upstream implements AsyncDisposable {
  #member: Member;
  readonly view = new FleetView();
  /** Keeps calls from it while it does not answer. */
  readonly breaker: Breaker;
  readonly #deps: UpstreamDeps;
  readonly #events: UpstreamEvents;
  readonly #silence: SilenceWatch;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #link: Link = { kind: "warming" };
  #connection: FleetConnection;
  #address = 0;
  #failures = 0;
  #lastFrameMs = 0;
  /** When the member was last heard, over this stream or one before it. */
  #lastWordMs = 0;
  #streamSinceMs = 0;
  /** Why it wanted to be left alone for longer when it ended its stream; empty when it did not, or was heard since. */
  #farewell = "";
  /** Aborts when the address in use was taken out of membership. */
  #moved = new AbortController();
  /** Of the attempt that runs. */
  #call = new AbortController();
  #isRenewing = false;

  constructor(member: Member, deps: UpstreamDeps, events: UpstreamEvents) {
    this.#member = member;
    this.#deps = deps;
    this.#events = events;
    this.#silence = deps.silence ?? new SilenceWatch(deps.clock);
    this.breaker = new Breaker(deps);
    this.#connection = deps.connect(member.addresses[0], member);
    this.#loop = this.#run();
  }

  get member(): Member {
    return this.#member;
  }

  get link(): Link {
    return this.#link;
  }

  /** True while there is a connection that calls can go over: others make one first. */
  get isConnected(): boolean {
    return this.#link.kind === "live" || this.#link.kind === "silent";
  }

  /** The client for calls on a caller's behalf. */
  get client(): FleetConnection["client"] {
    return this.#connection.client;
  }

  /** The address in use or tried last. */
  get endpoint(): Address {
    return this.member.addresses[this.#address] ?? this.member.addresses[0];
  }

  /** Takes what membership says of the same member now. A connection to an address that stays is kept; otherwise the next one
   *  is tried at once, and what is known of the member stays as it is until that was heard. */
  update(member: Member): void {
    const inUse = formatAddress(this.endpoint);
    const isOtherHost = member.hostId !== this.#member.hostId;
    this.#member = member;
    this.#address = Math.max(
      0,
      member.addresses.findIndex((address) => formatAddress(address) === inUse),
    );
    if (isOtherHost || formatAddress(this.endpoint) !== inUse) this.#moved.abort();
  }

  /** Tries at once instead of when the next attempt is due: its host has just dialled in. A stream that runs moves over. */
  retryNow(): void {
    if (this.#link.kind === "lost" || this.#link.kind === "warming") this.#moved.abort();
    else this.renew();
  }

  /** Follows it over a new connection, since that in use rests on what is replaced or about to end. Nothing is lost by it, and calls
   *  that run over the old one go on. */
  renew(): void {
    this.#isRenewing = true;
    this.#call.abort(new MosaicError("HOST_UNREACHABLE", `${CLOSING}: it is followed over a new one`, { retryAfterMs: 0 }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#connection[Symbol.asyncDispose]();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const thrown = await this.#attempt().catch((reason: unknown) => reason);
      if (signal.aborted) return;
      if (!this.#moved.signal.aborted) await (this.#isReturn(thrown) ? this.#return(thrown.retryAfterMs) : this.#lose(thrown));
      if (this.#moved.signal.aborted && !signal.aborted) await this.#move();
    }
  }

  #isReturn(thrown: unknown): thrown is MosaicError & { retryAfterMs: number } {
    const isAsked = thrown instanceof MosaicError && thrown.message.startsWith(CLOSING) && this.#link.kind === "live";
    const livedMs = this.#deps.clock.monotonicMs() - this.#streamSinceMs;
    return isAsked && (this.#isRenewing || livedMs >= LEAST_STREAM_MS) && (thrown.retryAfterMs ?? 0) <= LONGEST_RETURN_MS;
  }

  // The member ended the stream on its own account: nothing is lost, its hosts go on getting older meanwhile.
  async #return(afterMs: number): Promise<void> {
    const { clock, connect } = this.#deps;
    const keepsConnection = this.#isRenewing;
    this.#isRenewing = false;
    if (keepsConnection) return;
    await this.#connection[Symbol.asyncDispose]();
    this.#connection = connect(this.endpoint, this.member);
    await clock.sleep(afterMs, AbortSignal.any([this.#stop.signal, this.#moved.signal]));
  }

  async #move(): Promise<void> {
    this.#moved = new AbortController();
    this.#noteSilence();
    await this.#connection[Symbol.asyncDispose]();
    this.#connection = this.#deps.connect(this.endpoint, this.member);
  }

  /** One connection from Info to the end of its Watch. @throws what ended it */
  async #attempt(): Promise<never> {
    const call = new AbortController();
    this.#call = call;
    this.#isRenewing = false;
    const onStop = () => call.abort();
    const until = AbortSignal.any([this.#stop.signal, this.#moved.signal]);
    until.addEventListener("abort", onStop, { once: true });
    const watchdog = new AbortController();
    try {
      const { client } = this.#connection;
      assertIsMember(this.member, await this.#greet(client, call.signal), this.#deps.ownId);
      this.#lastFrameMs = this.#deps.clock.monotonicMs();
      this.#streamSinceMs = this.#lastFrameMs;
      this.#watchSilence(call, watchdog.signal);
      const resumeToken = this.view.startStream();
      const request = { resumeToken, bookmarkIntervalMs: BOOKMARK_INTERVAL_MS, viewDiverged: this.view.hasDiverged };
      for await (const frame of client.watch(request, { signal: call.signal })) {
        this.#lastFrameMs = this.#deps.clock.monotonicMs();
        this.#lastWordMs = this.#lastFrameMs;
        this.#take(this.view.apply(frame, this.#lastFrameMs), COMPLETES.has(frame.frame.case));
      }
      throw new MosaicError("HOST_UNREACHABLE", "the member ended the stream");
    } catch (thrown) {
      throw call.signal.aborted && call.signal.reason instanceof MosaicError ? call.signal.reason : thrown;
    } finally {
      // With a reason, because each without one makes an exception.
      watchdog.abort("over");
      // A stream is ended by its signal only; leaving the loop above does not cancel the call.
      call.abort();
      until.removeEventListener("abort", onStop);
    }
  }

  // Its time begins with its place: to wait for others is no failure of the member's.
  async #greet(client: FleetConnection["client"], signal: AbortSignal): Promise<InfoResponse> {
    const group = this.#failures === 0 ? "fresh" : "lost";
    using _place = await this.#deps.handshakes?.enter(group, this, signal);
    return await client.info({}, { timeoutMs: CALL_TIMEOUT_MS, signal });
  }

  #take(step: ViewStep, isComplete: boolean): void {
    if (step.kind === "diverged") {
      this.#deps.log.warn({ member: memberName(this.member), detail: step.detail }, "view diverged; starting over");
      throw new MosaicError("HOST_UNREACHABLE", `the view of the member diverged: ${step.detail}`);
    }
    if (step.kind === "closing") {
      if (step.retryAfterMs > LONGEST_RETURN_MS) this.#farewell = step.reason;
      throw new MosaicError("HOST_UNREACHABLE", `${CLOSING}: ${step.reason}`, { retryAfterMs: step.retryAfterMs });
    }
    assertSpeaksForItself(this.member, step.changes);
    if (step.changes.length > 0) this.#events.onStep(this, step);
    // Not with the first change after a resume: what else was missed, and how old it all is, is known with the bookmark behind it.
    if (isComplete && this.#link.kind !== "live" && this.view.isComplete && !this.view.isStaging) {
      this.#failures = 0;
      this.#farewell = "";
      this.breaker.succeeded();
      this.#setLink({ kind: "live" });
    }
  }

  #watchSilence(call: AbortController, signal: AbortSignal): void {
    this.#silence.watch(() => this.#lookForSilence(call), signal);
  }

  /** @returns when there can be news of it, in ms from now */
  #lookForSilence(call: AbortController): number {
    const silentMs = this.#deps.clock.monotonicMs() - this.#lastFrameMs;
    if (silentMs >= LOST_AFTER_MS) {
      call.abort(new MosaicError("DEADLINE", `no word for ${Math.round(silentMs / 1000)} s`));
      return Number.POSITIVE_INFINITY;
    }
    const wordlessMs = this.#noteSilence();
    const leftMs = SILENT_AFTER_MS - (this.#link.kind === "live" ? wordlessMs : silentMs);
    return leftMs > 0 ? leftMs : LOST_AFTER_MS - silentMs;
  }

  // Of the member and not of its stream: one that is asked at another address has not spoken because of that.
  #noteSilence(): number {
    const silentMs = this.#deps.clock.monotonicMs() - this.#lastWordMs;
    if (silentMs >= SILENT_AFTER_MS && this.#link.kind === "live") this.#setLink({ kind: "silent", sinceMs: this.#lastWordMs });
    return silentMs;
  }

  async #lose(thrown: unknown): Promise<void> {
    const { clock, log, connect } = this.#deps;
    this.#failures += 1;
    const delayMs = retryDelayMs(this.#failures, this.#deps.countLost(), this.#deps.random);
    const where = formatAddress(this.endpoint);
    const state = lostStateOf(thrown);
    const lost = { kind: "lost", state, code: statusNameOf(thrown), detail: `${where}: ${this.#why(thrown)}` } as const;
    if (state === HostState.UNREACHABLE) this.breaker.failed(lost);
    if (this.#link.kind !== "lost")
      log.info({ member: memberName(this.member), code: lost.code, detail: lost.detail }, "member lost");
    this.#setLink({ ...lost, retryAtMs: clock.monotonicMs() + delayMs });
    await this.#connection[Symbol.asyncDispose]();
    this.#address = (this.#address + 1) % this.member.addresses.length;
    this.#connection = connect(this.endpoint, this.member);
    await clock.sleep(delayMs, AbortSignal.any([this.#stop.signal, this.#moved.signal]));
  }

  // That nobody listens there any more is what follows when it was stopped on purpose: people want to know the latter.
  #why(thrown: unknown): string {
    const reason = reasonOf(thrown);
    return this.#farewell === "" || reason.endsWith(this.#farewell) ? reason : `${reason}; its last word: ${this.#farewell}`;
  }

  #setLink(link: Link): void {
    this.#link = link;
    this.#events.onLink(this);
  }
}

const CLOSING = "the member is closing";
