import { type Clock, FleetView, hostKeyOf, type MosaicError } from "@mosaic/core";
import type { FleetConnection } from "@mosaic/rpc";
import type { CallerScopeJson, HostStatus } from "@mosaic/wire";
import type { Via } from "../fleet/ps-answer.ts";
import type { Place } from "../remote/endpoints.ts";
import { streamError } from "../remote/open-stream.ts";
import type { FeedStep, FleetFeed, HostAge } from "./fleet-feed.ts";

export interface RemoteFeedOptions {
  readonly place: Place;
  readonly via: Via;
  readonly connection: FleetConnection;
  readonly selector: { readonly tenantIds: string[]; readonly hosts: string[] };
  readonly clock: Clock;
  /** What the caller may see, as List told it. Absent: everything. */
  readonly scope?: CallerScopeJson | undefined;
}

/** The first pause after a lost stream, in ms; doubled each time. */
const FIRST_PAUSE_MS = 250;
/** A person is looking: longer would look dead. */
const LONGEST_PAUSE_MS = 5000;

/** Follows a FleetService over Watch; after the first view it comes back whatever happens, and resumes where it was. */
export function remoteFeed({ place, via, connection, selector, clock, scope }: RemoteFeedOptions): FleetFeed {
  const view = new FleetView();
  const statusToldAtMs = new Map<string, number>();
  let failures = 0;

  /** Reads one stream to its end. @returns why it ended */
  async function readStream(
    signal: AbortSignal,
    onStep: (step: FeedStep) => void,
  ): Promise<{ detail: string; retryAfterMs: number; isOrderly?: boolean }> {
    const stop = new AbortController();
    try {
      const resumeToken = view.resumeToken as Uint8Array<ArrayBuffer>;
      const request = { selector, resumeToken, viewDiverged: view.hasDiverged };
      for await (const response of connection.client.watch(request, { signal: AbortSignal.any([signal, stop.signal]) })) {
        const step = view.apply(response, clock.monotonicMs());
        failures = 0;
        if (step.kind === "diverged") return { detail: `the view did not add up: ${step.detail}`, retryAfterMs: 0 };
        if (step.kind === "closing") return { detail: step.reason, retryAfterMs: step.retryAfterMs, isOrderly: true };
        for (const change of step.changes)
          if (change.kind === "host") statusToldAtMs.set(hostKeyOf(change.status), clock.monotonicMs());
        if (step.changes.length > 0 || step.isSnapshot) onStep(step);
      }
      return { detail: "the server ended the stream", retryAfterMs: 0 };
    } finally {
      // Leaving the loop does not cancel the call.
      stop.abort();
    }
  }

  return {
    via,
    scope,
    get state() {
      return view.state;
    },
    get conditions() {
      return view.conditions;
    },
    ageOf: (host, nowMs) => ageOf(view, statusToldAtMs, host, nowMs),
    async follow(signal, onStep) {
      while (!signal.aborted) {
        const end = await readStream(signal, onStep).catch(async (thrown: unknown) => {
          const error = await streamError(thrown, { name: "Watch", signal }, place);
          if (!view.isComplete || FINAL.has(error.code)) throw error;
          return { detail: error.message, retryAfterMs: 0 };
        });
        if (signal.aborted) return;
        const retryInMs = Math.max(end.retryAfterMs, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures));
        failures += 1;
        // A server that ends an old stream is there: nothing is lost.
        if (!("isOrderly" in end && end.isOrderly && retryInMs <= LONGEST_PAUSE_MS))
          onStep({ kind: "lost", detail: end.detail, retryInMs });
        await clock.sleep(retryInMs, signal);
      }
    },
  };
}

/** Failures that no other attempt will cure. */
const FINAL: ReadonlySet<MosaicError["code"]> = new Set(["NOT_ALLOWED", "NOT_HERE", "USAGE", "CANCELLED"]);

function ageOf(view: FleetView, statusToldAtMs: ReadonlyMap<string, number>, host: HostStatus, nowMs: number): HostAge {
  const fresh = view.freshness(host);
  const statusAgeMs = nowMs - (statusToldAtMs.get(hostKeyOf(host)) ?? nowMs);
  if (!fresh) return { ageMs: Number(host.ageMs) + statusAgeMs, asOfUnixMs: Number(host.asOfUnixMs), statusAgeMs };
  return { ageMs: Math.round(fresh.ageMs + nowMs - fresh.receivedAtMs), asOfUnixMs: Number(fresh.asOfUnixMs), statusAgeMs };
}
