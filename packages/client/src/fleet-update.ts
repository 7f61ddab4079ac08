import type { MosaicError } from "@mosaic/core";
import type { Agent, AgentKey, HostKey, HostStatus } from "@mosaic/wire";

/** One step of a fleet that is watched. Applied in order they make the fleet. */
export type FleetUpdate =
  /** A row is new, or is now so. */
  | { readonly kind: "agent"; readonly agent: Agent }
  | { readonly kind: "agent-gone"; readonly key: AgentKey }
  | { readonly kind: "host"; readonly host: HostStatus }
  /** It left membership, with all its rows. */
  | { readonly kind: "host-gone"; readonly key: HostKey }
  /** All that the server knows has been told: first after the first view, and again after every loss. */
  | { readonly kind: "current" }
  /** The server does not answer. What was told stays as it is, and gets old. */
  | { readonly kind: "lost"; readonly error: MosaicError; readonly retryInMs: number };
