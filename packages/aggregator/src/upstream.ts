import { type Clock, type FleetChange, FleetView, type Log, MosaicError, type ViewStep } from "@mosaic/core";
import { type Endpoint, type FleetConnection, formatEndpoint, fromConnectError, statusNameOf } from "@mosaic/rpc";
import { HostState, type InfoResponse, Role } from "@mosaic/wire";
import { BOOKMARK_INTERVAL_MS, type Link, LOST_AFTER_MS, retryDelayMs, SILENT_AFTER_MS } from "./link.ts";
import { type Member, memberName } from "./membership.ts";

export interface UpstreamDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly connect: (endpoint: Endpoint) => FleetConnection;
  /** Members that are lost now, for pacing attempts. */
  readonly countLost: () => number;
  /** This aggregator's id: a member that turns out to be ourselves is refused. */
  readonly ownId: string;
}

export interface UpstreamEvents {
  /** The member's view changed. */
  readonly onStep: (upstream: Upstream, step: Extract<ViewStep, { kind: "changed" }>) => void;
  /** The link's state changed. */
  readonly onLink: (upstream: Upstream) => void;
}

/** Limits of one attempt, in ms. */
const CALL_TIMEOUT_MS = 2000;
const WATCHDOG_MS = 500;
const PROTOCOL_VERSION = 1;

/** Our side of one member: holds a Watch on it, keeps a view of what it told, and says how far that can be trusted. */
export class Upstream implements AsyncDisposable {
  readonly member: Member;
  readonly view = new FleetView();
  readonly #deps: UpstreamDeps;
  readonly #events: UpstreamEvents;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #link: Link = { kind: "warming" };
  #connection: FleetConnection;
  #address = 0;
  #failures = 0;
  #lastFrameMs = 0;

  constructor(member: Member, deps: UpstreamDeps, events: UpstreamEvents) {
    this.member = member;
    this.#deps = deps;
    this.#events = events;
    this.#connection = deps.connect(member.addresses[0]);
    this.#loop = this.#run();
  }

  get link(): Link {
    return this.#link;
  }

  /** The client for calls on a caller's behalf. */
  get client(): FleetConnection["client"] {
    return this.#connection.client;
  }

  /** The address in use or tried last. */
  get endpoint(): Endpoint {
    return this.member.addresses[this.#address] ?? this.member.addresses[0];
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
      await this.#lose(thrown);
    }
  }

  /** One connection from Info to the end of its Watch. @throws what ended it */
  async #attempt(): Promise<never> {
    const call = new AbortController();
    const onStop = () => call.abort();
    this.#stop.signal.addEventListener("abort", onStop, { once: true });
    const watchdog = new AbortController();
    try {
      const { client } = this.#connection;
      this.#assertIsMember(await client.info({}, { timeoutMs: CALL_TIMEOUT_MS, signal: call.signal }));
      this.#lastFrameMs = this.#deps.clock.monotonicMs();
      void this.#watchSilence(call, watchdog.signal);
      const request = { resumeToken: this.view.startStream(), bookmarkIntervalMs: BOOKMARK_INTERVAL_MS };
      for await (const frame of client.watch(request, { signal: call.signal })) {
        this.#lastFrameMs = this.#deps.clock.monotonicMs();
        this.#take(this.view.apply(frame, this.#lastFrameMs));
      }
      throw new MosaicError("HOST_UNREACHABLE", "the member ended the stream");
    } catch (thrown) {
      throw call.signal.aborted && call.signal.reason instanceof MosaicError ? call.signal.reason : thrown;
    } finally {
      watchdog.abort();
      // A stream is ended by its signal only; leaving the loop above does not cancel the call.
      call.abort();
      this.#stop.signal.removeEventListener("abort", onStop);
    }
  }

  #take(step: ViewStep): void {
    if (step.kind === "diverged") {
      this.#deps.log.warn({ member: memberName(this.member), detail: step.detail }, "view diverged; starting over");
      throw new MosaicError("HOST_UNREACHABLE", `the view of the member diverged: ${step.detail}`);
    }
    if (step.kind === "closing") throw new MosaicError("HOST_UNREACHABLE", `the member is closing: ${step.reason}`);
    this.#assertSpeaksForItself(step.changes);
    if (step.changes.length > 0) this.#events.onStep(this, step);
    if (this.#link.kind !== "live" && this.view.isComplete && !this.view.isStaging) {
      this.#failures = 0;
      this.#setLink({ kind: "live" });
    }
  }

  async #watchSilence(call: AbortController, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#deps.clock.sleep(WATCHDOG_MS, signal);
      const silentMs = this.#deps.clock.monotonicMs() - this.#lastFrameMs;
      if (signal.aborted || silentMs < SILENT_AFTER_MS) continue;
      if (silentMs >= LOST_AFTER_MS) call.abort(new MosaicError("DEADLINE", `no word for ${Math.round(silentMs / 1000)} s`));
      else if (this.#link.kind === "live") this.#setLink({ kind: "silent", sinceMs: this.#lastFrameMs });
    }
  }

  #assertIsMember(info: InfoResponse): void {
    const { member } = this;
    if (info.protocolVersion > PROTOCOL_VERSION)
      throw refusal(HostState.INCOMPATIBLE, `it speaks contract ${info.protocolVersion}, we speak ${PROTOCOL_VERSION}`);
    if (info.id === this.#deps.ownId) throw refusal(HostState.INCOMPATIBLE, "that address is this aggregator itself");
    const wanted = member.role === "node" ? Role.NODE : Role.AGGREGATOR;
    if (info.role !== wanted) throw refusal(HostState.AUTH_FAILED, `the role ${member.role} is expected there, another answers`);
    if (!isMembersHost(member, info)) throw impostor(member, info);
  }

  // A node's word counts for its own host only: it must not put another into the fleet, nor take its place.
  #assertSpeaksForItself(changes: readonly FleetChange[]): void {
    for (const change of changes) {
      if (change.kind === "host" && !isMembersHost(this.member, change.status)) throw impostor(this.member, change.status);
    }
  }

  async #lose(thrown: unknown): Promise<void> {
    const { clock, log, connect } = this.#deps;
    this.#failures += 1;
    const delayMs = retryDelayMs(this.#failures, this.#deps.countLost(), this.#deps.random);
    const where = formatEndpoint(this.endpoint);
    const state = (thrown as { lostState?: LostState }).lostState ?? HostState.UNREACHABLE;
    const lost = { kind: "lost", state, code: statusNameOf(thrown), detail: `${where}: ${reasonOf(thrown)}` } as const;
    if (this.#link.kind !== "lost")
      log.info({ member: memberName(this.member), code: lost.code, detail: lost.detail }, "member lost");
    this.#setLink({ ...lost, retryAtMs: clock.monotonicMs() + delayMs });
    await this.#connection[Symbol.asyncDispose]();
    this.#address = (this.#address + 1) % this.member.addresses.length;
    this.#connection = connect(this.endpoint);
    await clock.sleep(delayMs, this.#stop.signal);
  }

  #setLink(link: Link): void {
    this.#link = link;
    this.#events.onLink(this);
  }
}

/** True for a host that a member may speak for: a node's own, and any that an aggregator has behind it. */
export function isMembersHost(member: Member, host: { readonly tenantId: string; readonly host: string }): boolean {
  return member.role === "aggregator" || (host.host === member.name && host.tenantId === member.tenantId);
}

function refusal(lostState: LostState, detail: string): MosaicError & { lostState: LostState } {
  return Object.assign(new MosaicError("NOT_ALLOWED", detail), { lostState });
}

function impostor(member: Member, host: { readonly tenantId: string; readonly host: string }): MosaicError {
  return refusal(HostState.AUTH_FAILED, `${memberName(member)} is expected there, ${host.tenantId}/${host.host} answers`);
}

type LostState = Extract<Link, { kind: "lost" }>["state"];

// What the library says is long and repeats the code; a person wants "connection refused".
function reasonOf(thrown: unknown): string {
  const message = fromConnectError(thrown, "call").message;
  const known = /ECONNREFUSED|ENOENT|ECONNRESET|EHOSTUNREACH|ETIMEDOUT/.exec(message)?.[0];
  const words: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    ENOENT: "no socket there",
    ECONNRESET: "connection reset",
    EHOSTUNREACH: "no route to host",
    ETIMEDOUT: "connection timed out",
  };
  if (known) return words[known] ?? known;
  if (/the connection broke/.test(message)) return "connection lost";
  return /deadline_exceeded|timed out/.test(message) ? "no answer in time" : message.replace(/^call: /, "");
}
