import { type Clock, type FleetChange, FleetView, MosaicError } from "@mosaic/core";
import { type FleetClient, fromConnectError } from "@mosaic/rpc";
import type { FleetQuestion } from "./fleet.ts";
import type { FleetUpdate } from "./fleet-update.ts";
import { isFinalError, pauseMs } from "./pauses.ts";
import { toSelector } from "./to-selector.ts";

export interface FollowFleetDeps {
  readonly client: FleetClient;
  readonly clock: Clock;
}

/** Why a stream ended. `isOrderly`: the server asked to come back, so nothing is lost. */
interface StreamEnd {
  readonly error: MosaicError;
  readonly isOrderly: boolean;
  readonly retryAfterMs: number;
}

/** Follows a FleetService over any number of streams: each resumes where the one before it ended, so that no change is missed and
 *  none is told twice. A view that does not add up to the server's check sum is fetched anew. */
export async function* followFleet(
  { client, clock }: FollowFleetDeps,
  question: FleetQuestion,
  signal: AbortSignal,
): AsyncGenerator<FleetUpdate, void> {
  const view = new FleetView();
  const link = { isCurrent: false, failures: 0 };
  while (!signal.aborted) {
    const end = yield* readStream(client, clock, { view, link, question }, signal);
    if (signal.aborted) return;
    if (isFinalError(end.error)) throw end.error;
    const retryInMs = Math.max(end.retryAfterMs, pauseMs(link.failures));
    link.failures += 1;
    if (!end.isOrderly) {
      link.isCurrent = false;
      yield { kind: "lost", error: end.error, retryInMs };
    }
    await clock.sleep(retryInMs, signal);
  }
}

interface Following {
  readonly view: FleetView;
  readonly link: { isCurrent: boolean; failures: number };
  readonly question: FleetQuestion;
}

async function* readStream(
  client: FleetClient,
  clock: Clock,
  { view, link, question }: Following,
  signal: AbortSignal,
): AsyncGenerator<FleetUpdate, StreamEnd> {
  const call = new AbortController();
  try {
    const resumeToken = view.startStream() as Uint8Array<ArrayBuffer>;
    const request = { selector: toSelector(question), resumeToken, viewDiverged: view.hasDiverged };
    for await (const response of client.watch(request, { signal: AbortSignal.any([signal, call.signal]) })) {
      const step = view.apply(response, clock.monotonicMs());
      if (step.kind === "diverged") return lost(`the view did not add up: ${step.detail}`);
      if (step.kind === "closing") return { ...lost(step.reason), isOrderly: true, retryAfterMs: step.retryAfterMs };
      for (const change of step.changes) yield toUpdate(change);
      if (!COMPLETES.has(response.frame.case) || !view.isComplete || view.isStaging) continue;
      link.failures = 0;
      if (link.isCurrent) continue;
      link.isCurrent = true;
      yield { kind: "current" };
    }
    return lost("the server ended the stream");
  } catch (thrown) {
    return { error: fromConnectError(thrown, "Watch"), isOrderly: false, retryAfterMs: 0 };
  } finally {
    // Leaving the loop does not cancel the call.
    call.abort();
  }
}

/** Frames after which the view holds all that the server had to tell. */
const COMPLETES: ReadonlySet<string | undefined> = new Set(["bookmark", "snapshotEnd"]);

function lost(message: string): StreamEnd {
  return { error: new MosaicError("HOST_UNREACHABLE", message), isOrderly: false, retryAfterMs: 0 };
}

function toUpdate(change: FleetChange): FleetUpdate {
  switch (change.kind) {
    case "upsert":
      return { kind: "agent", agent: change.row };
    case "delete":
      return { kind: "agent-gone", key: change.key };
    case "host":
      return { kind: "host", host: change.status };
    case "host-removed":
      return { kind: "host-gone", key: change.key };
    default:
      return change satisfies never;
  }
}
