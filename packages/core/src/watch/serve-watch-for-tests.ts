import { create } from "@bufbuild/protobuf";
import { aHostStatus, anAgent, aWatchRequest, FakeClock } from "@mosaic/testkit";
import { ConditionSchema, type Selector, type WatchResponse } from "@mosaic/wire";
import { Counters } from "./counters.ts";
import { FleetLog } from "./fleet-log.ts";
import type { FleetChange } from "./fleet-state.ts";
import { serveWatch } from "./serve-watch.ts";

/** One row that changed. */
export const upsert = (name: string, stateDetail = ""): FleetChange => ({ kind: "upsert", row: anAgent({ name, stateDetail }) });

interface WatchWish {
  selector?: Selector;
  resumeToken?: Uint8Array<ArrayBuffer>;
  viewDiverged?: boolean;
}

/** A log with host alpha and some rows, and a served watch of it that is read one frame at a time. */
export function serve({
  capacity = 1000,
  rows = 2,
  random = () => 0.5 as number,
  request = {} as WatchWish,
  stopping = undefined as AbortSignal | undefined,
} = {}) {
  const log = new FleetLog({ epoch: "e", capacity });
  log.publish([{ kind: "host", status: aHostStatus() }]);
  log.publish(Array.from({ length: rows }, (_, index) => upsert(`a${index}`)));
  const clock = new FakeClock();
  const call = new AbortController();
  const counters = new Counters();
  const conditions = () => [create(ConditionSchema, { type: "AGGREGATOR_WARMING", message: "just started" })];
  const deps = { log, clock, asOfNow: <T>(status: T) => status, random, counters, conditions, stopping };
  const open = (wanted = request) => serveWatch(deps, aWatchRequest(wanted), call.signal);
  return { log, clock, call, frames: open(), open, counters };
}

/** The kind of the next frame; `end` when there is none. */
export async function nextCase(frames: AsyncGenerator<WatchResponse>) {
  const { value, done } = await frames.next();
  return done ? "end" : (value as WatchResponse).frame.case;
}

/** Reads on until a frame of that kind came, which is the last one of the answer. */
export async function readUntil(frames: AsyncGenerator<WatchResponse>, last: string): Promise<WatchResponse[]> {
  const read: WatchResponse[] = [];
  for (;;) {
    const { value, done } = await frames.next();
    if (done) throw new Error(`the watch ended before ${last}`);
    read.push(value);
    if (value.frame.case === last) return read;
  }
}
