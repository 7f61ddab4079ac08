import { type Clock, FleetState, MosaicError, rowChanges } from "@mosaic/core";
import type { DirectHost } from "../local/direct-host.ts";
import type { FeedStep, FleetFeed } from "./fleet-feed.ts";

/** How often the host is read again when nothing is heard, in ms: process names and idle times make no noise. */
const REREAD_MS = 2000;

/** Follows this host without a node. */
export function directFeed(host: DirectHost, clock: Clock): FleetFeed {
  const state = new FleetState();
  let rev = 0n;
  let readAtMs = clock.monotonicMs();

  async function readOnce(signal: AbortSignal): Promise<FeedStep> {
    const isFirst = state.hostCount === 0;
    const { status, rows } = await host.read(signal);
    readAtMs = clock.monotonicMs();
    rev += 1n;
    state.apply({ kind: "host", status }, rev);
    const changes = rowChanges(state, status, rows);
    for (const change of changes) state.apply(change, rev);
    return { kind: "changed", changes: isFirst ? [{ kind: "host", status }, ...changes] : changes, isSnapshot: isFirst };
  }

  return {
    via: "direct",
    state,
    conditions: [],
    ageOf: (status, nowMs) => ({
      ageMs: Math.round(nowMs - readAtMs),
      asOfUnixMs: Number(status.asOfUnixMs),
      statusAgeMs: nowMs - readAtMs,
    }),
    async follow(signal, onStep) {
      while (!signal.aborted) {
        using changed = awaitChange(host);
        try {
          const step = await readOnce(signal);
          if (step.kind === "changed" && (step.changes.length > 0 || step.isSnapshot)) onStep(step);
        } catch (thrown) {
          if (signal.aborted || state.hostCount === 0) throw thrown;
          onStep({ kind: "lost", detail: MosaicError.from(thrown).message, retryInMs: REREAD_MS });
        }
        await clock.sleep(REREAD_MS, AbortSignal.any([signal, changed.signal]));
      }
    },
  };
}

/** A signal that aborts with the first change from now on. */
function awaitChange(host: DirectHost): { readonly signal: AbortSignal } & Disposable {
  const heard = new AbortController();
  const listening = host.onChange(() => heard.abort());
  return { signal: heard.signal, [Symbol.dispose]: () => listening[Symbol.dispose]() };
}
