import type { FleetService, WatchResponse } from "@mosaic/wire";
import type { SimLife, SimProcess } from "./sim-process.ts";
import type { SimTime } from "./sim-time.ts";

export type Method = (typeof FleetService.methods)[number];

/** What the parts of a simulated connection need of its network. */
export interface Carrier {
  readonly time: SimTime;
  readonly taps: NetworkTaps;
  /** Names of clients that will never see the next change they are sent, as behind a proxy that drops one. */
  readonly lossy: Set<string>;
  /** Frames that may be under way on one stream before its server waits, as an HTTP/2 window does. */
  readonly windowFrames: number;
  /** How long the next message is under way, in ms. */
  delayMs(): number;
  isCut(from: SimProcess, to: SimProcess): boolean;
  /** A connection is over. */
  forget(wire: object): void;
}

/** What who looks at the network is told. */
export interface NetworkTaps {
  /** A server made a frame. @returns what goes with it, unseen by the product */
  readonly onProduce: (server: SimLife, frame: WatchResponse) => Stamp | undefined;
  /** A change was lost on its way from an address to a client. */
  readonly onLoss: (client: SimLife, address: string) => void;
  /** A client got the first frame of a Watch at an address. @returns what is told of each frame when the client takes it */
  readonly onWatch: (client: SimLife, server: SimLife, address: string, resumeToken: Uint8Array) => FrameTap;
}

/** Told of each frame that a client takes. */
export type FrameTap = (frame: WatchResponse, stamp: Stamp | undefined) => void;

/** What was true of hosts when a frame was made, by name. */
export type Stamp = ReadonlyMap<string, Known>;

/** How current the knowledge of a host is. */
export interface Known {
  /** When its node was last heard, directly or over others, as the protocol can know it: time under way does not count. */
  readonly toldAtMs: number;
  /** When the node had read the host for it, in ms of the world. */
  readonly trueAtMs: number;
  /** The same as the protocol can know it, which takes no account of time under way. */
  readonly reckonedAtMs: number;
}
