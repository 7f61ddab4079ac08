import { HostState, type HostStatus } from "@mosaic/wire";
import type { Change } from "./agent-changes.ts";
import { enumName } from "./enum-name.ts";
import { EVENT_KINDS, type EventKind } from "./fleet-event.ts";

/** What of a host makes an event when it changes. */
export interface HostSeen {
  /** For example `UNREACHABLE`; empty: nothing is known yet. */
  readonly state: string;
  readonly detail: string;
}

/** Takes out of a status what makes events. A host that is waited for after a start says nothing yet. */
export function hostSeen({ state, detail }: Pick<HostStatus, "state" | "detail">): HostSeen {
  const isKnown = state !== HostState.WARMING && state !== HostState.UNSPECIFIED;
  return { state: isKnown ? enumName(HostState, state) : "", detail };
}

/** What happened between two looks at a host.
 *  @param before undefined: it was not there, or nothing is known of it
 *  @param after undefined: it is not expected any more */
export function hostChanges(before: HostSeen | undefined, after: HostSeen | undefined): Change[] {
  const from = before?.state ?? "";
  if (!after) return before ? [{ kind: "host.removed", from, to: "", reason: "it is not expected any more" }] : [];
  const kind = `host.${after.state.toLowerCase()}`;
  if (after.state === "" || after.state === from || !isKind(kind)) return [];
  return [{ kind, from, to: after.state, reason: after.detail }];
}

function isKind(kind: string): kind is EventKind {
  return (EVENT_KINDS as readonly string[]).includes(kind);
}
