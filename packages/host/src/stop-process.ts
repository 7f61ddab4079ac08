import { setTimeout as delay } from "node:timers/promises";
import { MosaicError } from "@mosaic/core";
import { procfsTable } from "./procfs.ts";

/** Ends a process: SIGTERM, and SIGKILL when it is still there after `graceMs`; resolves when it is gone.
 *  A process that is gone already is no error.
 *  @param startTicks what {@link ProcessFacts} told of it; a process of that id with another start is left alone. */
export async function stopProcess(
  pid: number,
  startTicks: number | undefined,
  options: { readonly graceMs: number },
): Promise<void> {
  const table = procfsTable();
  const ticks = startTicks ?? table.read(pid)?.startTicks;
  const hasTable = table.read(process.pid) !== undefined;
  if (ticks === undefined && hasTable) return;
  const isThere = () => isSameProcess(pid, ticks);
  if (!isThere() || !sendSignal(pid, "SIGTERM")) return;
  if (await becomesGone(isThere, options.graceMs)) return;
  if (!isThere() || !sendSignal(pid, "SIGKILL")) return;
  if (await becomesGone(isThere, KILL_DEADLINE_MS)) return;
  throw new MosaicError("MACHINE", `process ${pid} is still there ${KILL_DEADLINE_MS} ms after SIGKILL`);
}

const POLL_MS = 25;
/** The kernel ends a killed process at once unless it hangs in a device. */
const KILL_DEADLINE_MS = 5_000;

async function becomesGone(isThere: () => boolean, withinMs: number): Promise<boolean> {
  const startedMs = performance.now();
  while (isThere()) {
    if (performance.now() - startedMs >= withinMs) return false;
    await delay(POLL_MS);
  }
  return true;
}

function isSameProcess(pid: number, startTicks: number | undefined): boolean {
  // Without a start to compare there is no process table to read either: ask the kernel whether anything has that id.
  if (startTicks === undefined) return sendSignal(pid, 0);
  return procfsTable().read(pid)?.startTicks === startTicks;
}

function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw new MosaicError("MACHINE", `cannot signal process ${pid}: ${(error as Error).message}`, { cause: error });
  }
}
