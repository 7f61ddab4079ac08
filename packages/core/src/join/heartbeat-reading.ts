import { Evidence, type HeartbeatStatus } from "@mosaic/wire";

/** One heartbeat as it reached the node, from whichever plane. Times are in ms of the host's wall clock. */
export interface HeartbeatReading {
  readonly atUnixMs: number;
  readonly intervalMs: number;
  readonly evidence: Evidence;
  readonly status: HeartbeatStatus;
  /** 0: not said. */
  readonly pid: number;
  readonly turnId: string;
  readonly waitingFor: string;
  readonly detail: string;
}

/** The reading to believe: the newest; of two within a second of each other the one with the stronger evidence, because
 *  a runtime writes its file and calls us for the same event. */
export function believe(a: HeartbeatReading | undefined, b: HeartbeatReading | undefined): HeartbeatReading | undefined {
  if (!a || !b) return a ?? b;
  if (Math.abs(a.atUnixMs - b.atUnixMs) <= 1000) return strength(a) >= strength(b) ? a : b;
  return a.atUnixMs > b.atUnixMs ? a : b;
}

// The enum lists evidence strongest first, with 0 for none.
function strength(reading: HeartbeatReading): number {
  return reading.evidence === Evidence.UNSPECIFIED ? -100 : -reading.evidence;
}
