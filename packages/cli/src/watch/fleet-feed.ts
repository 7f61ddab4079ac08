import type { FleetChange, FleetState } from "@mosaic/core";
import type { CallerScopeJson, Condition, HostStatus } from "@mosaic/wire";
import type { Via } from "../fleet/ps-answer.ts";

/** What happened to a fleet being watched. */
export type FeedStep =
  | { readonly kind: "changed"; readonly changes: readonly FleetChange[]; readonly isSnapshot: boolean }
  /** The view no longer moves; another attempt is made after a while. */
  | { readonly kind: "lost"; readonly detail: string; readonly retryInMs: number };

/** How old what is known of a host is now. */
export interface HostAge {
  readonly ageMs: number;
  readonly asOfUnixMs: number;
  /** How long ago its status was told, in ms. */
  readonly statusAgeMs: number;
}

/** A fleet that keeps itself up to date. */
export interface FleetFeed {
  readonly via: Via;
  /** The view now; another object after a new snapshot. */
  readonly state: FleetState;
  /** What is wrong with who answers, as last told. */
  readonly conditions: readonly Condition[];
  /** What the caller may see. Absent: everything. */
  readonly scope?: CallerScopeJson | undefined;
  ageOf(host: HostStatus, nowMs: number): HostAge;
  /** Follows the fleet until the signal aborts, and calls back after every step.
   *  @throws MosaicError when there is no first view */
  follow(signal: AbortSignal, onStep: (step: FeedStep) => void): Promise<void>;
}
