import { startDaemon, stopProcess } from "@mosaic/host";

/** How a daemon in the background is started. */
export interface BackgroundStart {
  readonly argv: readonly [string, string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Appended to. */
  readonly logPath: string;
  readonly readyWhen: () => Promise<boolean>;
  readonly deadlineMs: number;
}

/** A node writes down what it has under way, an aggregator too, before they end, in ms. */
const GRACE_MS = 20_000;

/** Starts a daemon that nobody keeps, and waits until it serves.
 *  @throws MosaicError MACHINE with the end of its log when it dies first; DEADLINE when it does not serve in time */
export async function startInBackground(start: BackgroundStart): Promise<void> {
  await startDaemon(start);
}

/** Ends such a daemon, at last by force. */
export async function endInBackground(pid: number): Promise<void> {
  await stopProcess(pid, undefined, { graceMs: GRACE_MS });
}
