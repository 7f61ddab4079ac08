import { create } from "@bufbuild/protobuf";
import {
  FleetEventSchema,
  type HostStatus,
  type WatchEventsRequest,
  type WatchEventsResponse,
  WatchEventsResponseSchema,
} from "@mosaic/wire";
import { type EventFilter, isAskedFor } from "./event-filter.ts";
import type { EventJournal, FleetEvent } from "./fleet-event.ts";
import { WaitingFrames } from "./waiting-frames.ts";

export interface ServeEventsDeps {
  readonly journal: EventJournal;
  /** Whose journal it is. */
  readonly source: { readonly id: string; readonly role: "node" | "aggregator" };
  /** Which of its events are asked for. */
  readonly filter: EventFilter;
  /** Told when all that was kept has been sent. */
  readonly hosts: () => readonly HostStatus[];
}

const DEFAULT_TAIL = 50;
/** Most that is sent of what is kept. */
const MAX_KEPT = 10_000;
/** Events that wait for a slow reader. */
const MAX_WAITING = 1000;
/** By how much a clock may have been set back, in ms, when events are looked for by time. */
const CLOCK_SLACK_MS = 3_600_000;

/** Serves WatchEvents from one journal: what is kept, oldest first, and with `follow` what is kept from then on. What a slow reader
 *  misses it is told of. */
export async function* serveEvents(
  deps: ServeEventsDeps,
  request: WatchEventsRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchEventsResponse> {
  const { journal, source, filter } = deps;
  const fresh = new WaitingFrames<FleetEvent>(MAX_WAITING);
  // Before the others are read, so that nothing falls in between.
  using _listening = request.follow
    ? journal.onRecorded((event) => void (isAskedFor(event, filter) && fresh.push(event)))
    : undefined;
  const { events, gap } = await keptEvents(deps, request, signal);
  if (gap) yield gapFrame(source.id, gap);
  let last = request.after[source.id] ?? "";
  for (const event of events) {
    last = event.id;
    yield eventFrame(event, source);
  }
  yield frameOf({ case: "caughtUp", value: { $typeName: "mosaic.fleet.v1.EventsCaughtUp", hosts: [...deps.hosts()] } });
  while (request.follow && !signal.aborted) {
    const { frames, missed } = await fresh.take(signal);
    for (const event of frames) if (event.id > last) yield eventFrame(event, source);
    if (missed > 0) yield gapFrame(source.id, `${missed} events came faster than they were read; ask again after the last one`);
  }
}

/** An event as it travels. */
function eventFrame(event: FleetEvent, source: ServeEventsDeps["source"]): WatchEventsResponse {
  const { atUnixMs, ...fields } = event;
  const value = create(FleetEventSchema, { ...fields, atUnixMs: BigInt(atUnixMs), sourceId: source.id, sourceRole: source.role });
  return frameOf({ case: "event", value });
}

/** Says that something is missing. */
export function gapFrame(sourceId: string, reason: string): WatchEventsResponse {
  return frameOf({ case: "gap", value: { $typeName: "mosaic.fleet.v1.EventsGap", sourceId, reason } });
}

function frameOf(frame: WatchEventsResponse["frame"]): WatchEventsResponse {
  return create(WatchEventsResponseSchema, { frame });
}

/** What is kept and asked for, oldest first. */
async function keptEvents(
  { journal, source, filter }: ServeEventsDeps,
  request: WatchEventsRequest,
  signal: AbortSignal,
): Promise<{ readonly events: readonly FleetEvent[]; readonly gap: string | undefined }> {
  const after = request.after[source.id];
  const most = after === undefined ? request.tail || DEFAULT_TAIL : MAX_KEPT;
  const wanted = after === undefined ? filter : { ...filter, sinceUnixMs: 0 };
  const events: FleetEvent[] = [];
  for await (const event of journal.readBack()) {
    signal.throwIfAborted();
    if (after !== undefined && event.id <= after) return { events: events.reverse(), gap: undefined };
    if (event.atUnixMs < wanted.sinceUnixMs - CLOCK_SLACK_MS) break;
    if (!isAskedFor(event, wanted)) continue;
    if (events.length === most) break;
    events.push(event);
  }
  // Everything that is left came after it: what was in between is not kept any more.
  const gap = after === undefined ? undefined : `events after ${after} are not kept any more, or are too many`;
  return { events: events.reverse(), gap };
}
