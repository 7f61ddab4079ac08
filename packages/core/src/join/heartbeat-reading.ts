import { Evidence, type HeartbeatStatus } from "@mosaic/wire";
import type { PaneFacts } from "../ports/terminal-server.ts";

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
  /** Process of the pane that it is true of for as long as that lives: its hook speaks when something happens and promises no
   *  interval. Absent: it holds for three intervals. */
  readonly processPid?: number | undefined;
  /** When the hooks last told that the work goes on. Absent: they don't. */
  readonly progressAtUnixMs?: number | undefined;
  /** What a sidecar says meanwhile: that the process lives. Absent: nothing. */
  readonly lifeSign?: HeartbeatReading | undefined;
}

/** The reading to believe: the newest; of two within a second of each other the one with the stronger evidence, because
 *  a runtime writes its file and calls us for the same event. What a sidecar says never replaces what the agent itself said for
 *  as long as that holds: it only keeps it fresh. */
export function believe(a: HeartbeatReading | undefined, b: HeartbeatReading | undefined): HeartbeatReading | undefined {
  if (!a || !b) return a ?? b;
  if (b.evidence === Evidence.SIDECAR && isOwnWord(a)) return outlived(a, b);
  if (a.evidence === Evidence.SIDECAR && isOwnWord(b)) return outlived(b, a);
  if (Math.abs(a.atUnixMs - b.atUnixMs) <= 1000) return strength(a) >= strength(b) ? a : b;
  return a.atUnixMs > b.atUnixMs ? a : b;
}

/** The reading that is true of what runs in the pane now: one that was made of a process which is gone counts no more. */
export function livingReading(reading: HeartbeatReading | undefined, pane: PaneFacts | undefined): HeartbeatReading | undefined {
  if (reading?.processPid === undefined) return reading;
  return pane && !pane.isDead && pane.pid === reading.processPid ? reading : reading.lifeSign;
}

function isOwnWord({ evidence }: HeartbeatReading): boolean {
  return evidence === Evidence.HOOK || evidence === Evidence.FILE || evidence === Evidence.TRANSCRIPT;
}

function outlived(said: HeartbeatReading, lifeSign: HeartbeatReading): HeartbeatReading {
  if (said.processPid === undefined) return lifeSign.atUnixMs - said.atUnixMs > 3 * said.intervalMs ? lifeSign : said;
  const atUnixMs = Math.max(said.atUnixMs, lifeSign.atUnixMs);
  return { ...said, atUnixMs, intervalMs: lifeSign.intervalMs, lifeSign };
}

// The enum lists evidence strongest first, with 0 for none.
function strength(reading: HeartbeatReading): number {
  return reading.evidence === Evidence.UNSPECIFIED ? -100 : -reading.evidence;
}
