import { create } from "@bufbuild/protobuf";
import { HostState, type HostStatus, HostStatusSchema } from "@mosaic/wire";

/** Rows older than this are not shown as LIVE, in ms: two and a half of the bookmarks that an aggregator asks for. */
const LIVE_BOUND_MS = 7500;

/** A host's status that was told a while ago: its age has grown, and past the bound it is STALE and no longer LIVE. */
export function agedHost(status: HostStatus, byMs: number): HostStatus {
  const ageMs = status.ageMs + BigInt(Math.round(Math.max(0, byMs)));
  const isPast = status.state === HostState.LIVE && ageMs > BigInt(LIVE_BOUND_MS);
  return create(HostStatusSchema, { ...status, ageMs, ...(isPast ? { state: HostState.STALE } : {}) });
}
