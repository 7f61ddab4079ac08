import { type Clock, type EventJournal, gapFrame, serveEvents, WaitingFrames } from "@mosaic/core";
import { type CallContext, fromConnectError } from "@mosaic/rpc";
import type { EventsCaughtUp, FleetEvent, WatchEventsRequest, WatchEventsResponse } from "@mosaic/wire";
import type { Routes } from "../messages/message-route.ts";
import { callOptions, type PassedOn } from "../relay.ts";
import { type AskedMember, askMembers, membersFor } from "./ask-members.ts";

export interface FleetEventsDeps extends Routes {
  readonly clock: Clock;
  /** The aggregator's own. Absent: it keeps none. */
  readonly events?: EventJournal | undefined;
}

const DEFAULT_TAIL = 50;
const MAX_KEPT = 10_000;
/** Frames that wait for a slow reader. */
const MAX_WAITING = 1000;
/** Members that are followed for one reader: each is a connection of its own. */
const MAX_FOLLOWED = 200;
/** How long after a member was lost it is asked again, in ms. */
const RETRY_MS = 2000;

/** Serves WatchEvents over many members: what they and this aggregator keep, in the order of their clocks, and with `follow` what
 *  happens from then on. A member that goes is asked again when it is back, for what came since. */
export async function* fleetEvents(
  deps: FleetEventsDeps,
  ownId: string,
  request: WatchEventsRequest,
  context: CallContext,
): AsyncGenerator<WatchEventsResponse> {
  const asked = membersFor(deps, request.selector);
  const isResumed = Object.keys(request.after).length > 0;
  const most = isResumed ? MAX_KEPT : request.tail || DEFAULT_TAIL;
  const after = new Map(Object.entries(request.after));
  let kept: WatchEventsResponse[] = [];
  let isCut = false;
  const gaps: WatchEventsResponse[] = [];
  // A thousand hosts may have as many each: no more is held than twice what is told.
  const newest = () => {
    isCut ||= kept.length > most;
    kept = kept.sort(byTime).slice(-most);
  };
  const take = (frame: WatchEventsResponse) => {
    if (frame.frame.case === "gap") gaps.push(frame);
    if (frame.frame.case !== "event" || !remember(after, frame)) return;
    kept.push(frame);
    if (kept.length >= 2 * most) newest();
  };
  const once = { ...request, follow: false };
  const hosts = await askMembers(deps, asked, context, "events", async ({ upstream, selector }, options) => {
    for await (const frame of upstream.client.watchEvents({ ...once, selector }, options)) take(frame);
  });
  for await (const frame of ownEvents(deps, ownId, once, context.signal)) take(frame);
  newest();
  yield* gaps;
  if (isResumed && isCut) yield gapFrame("", `more than ${MAX_KEPT} events came since; only the newest are told`);
  yield* kept;
  const value: EventsCaughtUp = { $typeName: "mosaic.fleet.v1.EventsCaughtUp", hosts };
  yield { $typeName: "mosaic.fleet.v1.WatchEventsResponse", frame: { case: "caughtUp", value } };
  if (request.follow) yield* followAll(deps, ownId, request, context, asked.members, after);
}

async function* followAll(
  deps: FleetEventsDeps,
  ownId: string,
  request: WatchEventsRequest,
  context: CallContext,
  members: readonly AskedMember[],
  after: Map<string, string>,
): AsyncGenerator<WatchEventsResponse> {
  const end = new AbortController();
  const signal = AbortSignal.any([context.signal, end.signal]);
  const waiting = new WaitingFrames<WatchEventsResponse>(MAX_WAITING);
  const take = (frame: WatchEventsResponse) => {
    if (frame.frame.case === "event" && !remember(after, frame)) return;
    if (frame.frame.case !== "caughtUp") waiting.push(frame);
  };
  const since = () => ({ ...request, tail: MAX_KEPT, after: Object.fromEntries(after) });
  const own = async () => {
    for await (const frame of ownEvents(deps, ownId, since(), signal)) take(frame);
  };
  if (members.length > MAX_FOLLOWED)
    yield gapFrame("", `only ${MAX_FOLLOWED} of ${members.length} hosts are followed at once; name those that matter`);
  // Each ends with the signal, and tells of its own failure.
  void own().catch((thrown: unknown) => waiting.push(gapFrame(ownId, fromConnectError(thrown, "events").message)));
  const options = { ...callOptions(context), signal };
  for (const member of members.slice(0, MAX_FOLLOWED)) void followMember(deps, member, since, options, take);
  try {
    while (!context.signal.aborted) {
      const { frames, missed } = await waiting.take(context.signal);
      yield* frames;
      if (missed > 0) yield gapFrame("", `${missed} events came faster than they were read; ask again after the last one`);
    }
  } finally {
    end.abort();
  }
}

async function followMember(
  { clock }: FleetEventsDeps,
  { upstream, selector }: AskedMember,
  since: () => WatchEventsRequest,
  options: PassedOn,
  take: (frame: WatchEventsResponse) => void,
): Promise<void> {
  const { signal } = options;
  while (!signal.aborted) {
    try {
      if (upstream.link.kind !== "lost")
        for await (const frame of upstream.client.watchEvents({ ...since(), selector }, options)) take(frame);
    } catch (thrown) {
      const error = fromConnectError(thrown, `events of ${upstream.member.name}`);
      // An older one, or one that may not be asked: another attempt would end the same way.
      if (LASTING.has(error.code)) return take(gapFrame("", `${upstream.member.name}: ${error.message}`));
    }
    await clock.sleep(RETRY_MS, signal);
  }
}

const LASTING: ReadonlySet<string> = new Set(["NOT_HERE", "NOT_ALLOWED", "INCOMPATIBLE", "IDENTITY_REFUSED"]);

async function* ownEvents(
  { fleetLog, events }: FleetEventsDeps,
  ownId: string,
  request: WatchEventsRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchEventsResponse> {
  if (!events) return;
  const { tenantIds = [], hosts: meant = [], names = [] } = request.selector ?? {};
  // Hosts may be meant by their ids.
  const named = fleetLog.state.hosts().filter(({ hostId }) => meant.includes(hostId));
  const hosts = [...meant, ...named.map(({ host }) => host)];
  const filter = { tenantIds, hosts, names, kinds: request.kinds, sinceUnixMs: Number(request.sinceUnixMs) };
  yield* serveEvents({ journal: events, source: { id: ownId, role: "aggregator" }, filter, hosts: () => [] }, request, signal);
}

/** @returns false for an event that was told before */
function remember(after: Map<string, string>, { frame }: WatchEventsResponse): boolean {
  if (frame.case !== "event") return true;
  const { sourceId, id } = frame.value;
  if (id <= (after.get(sourceId) ?? "")) return false;
  after.set(sourceId, id);
  return true;
}

function byTime(a: WatchEventsResponse, b: WatchEventsResponse): number {
  const [left, right] = [eventOf(a), eventOf(b)];
  const difference = Number((left?.atUnixMs ?? 0n) - (right?.atUnixMs ?? 0n));
  return difference === 0 ? ((left?.id ?? "") < (right?.id ?? "") ? -1 : 1) : difference;
}

function eventOf({ frame }: WatchEventsResponse): FleetEvent | undefined {
  return frame.case === "event" ? frame.value : undefined;
}
