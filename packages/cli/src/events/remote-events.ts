import type { WatchEventsResponse } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import { freshReading, type PsHost, toPsHost } from "../fleet/ps-host.ts";
import type { Io } from "../io/io.ts";
import type { Place } from "../remote/endpoints.ts";
import { withStream } from "../remote/open-stream.ts";
import type { EventsQuestion } from "./events-question.ts";
import { type ListedEvent, toldEvent } from "./listed-event.ts";

/** What is done with what comes. */
export interface RemoteTaker {
  readonly onItem: (item: ListedEvent) => void;
  /** Something is missing. */
  readonly onGap: (reason: string) => void;
  /** All that was kept has come. */
  readonly onHosts: (hosts: readonly PsHost[]) => void;
}

export interface RemoteEvents {
  readonly places: readonly Place[];
  readonly question: EventsQuestion;
  readonly isFollowing: boolean;
  readonly timeoutMs: number;
  /** Where an earlier stream ended, by source; goes on with what comes. */
  readonly after: Map<string, string>;
}

/** Reads what happened off whoever answers first; with `isFollowing` until the signal aborts or the stream is lost.
 *  @throws MosaicError what the call failed with */
export async function remoteEvents(asked: RemoteEvents, io: Io, deps: CommandDeps, taker: RemoteTaker): Promise<void> {
  const { places, question, isFollowing, timeoutMs, after } = asked;
  await withStream(places, deps, timeoutMs, {
    ...{ name: "WatchEvents", signal: io.signal },
    work: async (client, signal) => {
      const request = { ...requestOf(question), follow: isFollowing, after: Object.fromEntries(after) };
      const deadline = isFollowing ? {} : { timeoutMs };
      for await (const { frame } of client.watchEvents(request, { signal, ...deadline })) await take(frame, after, taker);
    },
  });
}

function requestOf({ lines, kinds, actions, agents, hosts, sinceUnixMs }: EventsQuestion) {
  const named = [...new Set([...hosts, ...agents.flatMap(({ host }) => (host === "" ? [] : [host]))])];
  // A host that only some agents are named with would leave the others out.
  const isNarrow = hosts.length > 0 || (agents.length > 0 && agents.every(({ host }) => host !== ""));
  return {
    selector: { tenantIds: [], hosts: isNarrow ? named : [], names: agents.map(({ name }) => name) },
    kinds: [...(kinds.length > 0 ? kinds : actions)],
    ...{ sinceUnixMs: BigInt(Math.max(0, sinceUnixMs)), tail: lines },
  };
}

async function take(frame: WatchEventsResponse["frame"], after: Map<string, string>, taker: RemoteTaker): Promise<void> {
  if (frame.case === "gap") return taker.onGap(frame.value.reason);
  if (frame.case === "caughtUp") {
    const { hostStatusJson } = await import("../remote/host-status-json.ts");
    return taker.onHosts(frame.value.hosts.map((host) => toPsHost(freshReading(hostStatusJson(host)))));
  }
  if (frame.case !== "event") return;
  after.set(frame.value.sourceId, frame.value.id);
  taker.onItem(toldEvent(frame.value));
}
